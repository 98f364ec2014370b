//! Contracts and cost disclosures (合同, 综合融资成本明示) as they were shown and are kept.
