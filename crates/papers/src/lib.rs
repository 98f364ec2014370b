//! Papers: contracts and disclosures from templates to HTML and PDF; pure.
