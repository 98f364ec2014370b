//! The checks of the funding partner: what is booked as paid out by it is what it has said.

use super::checks::Check;

pub(super) static FUNDING_CHECKS: &[Check] = &[Check {
    name: "every payout by the funding partner is booked if the partner has said so, and only then",
    count: "SELECT COUNT(*) AS n FROM payment WHERE by_partner = 1",
    differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.payment_id AS row_id FROM payment p
            LEFT JOIN funding_order f ON f.payment_id = p.payment_id
            LEFT JOIN loan l ON l.loan_id = p.loan_id
            WHERE p.by_partner = 1 AND (f.funding_order_id IS NULL OR p.purpose <> 'payout'
                OR f.application_id <> l.application_id OR f.card_id <> p.card_id
                OR (p.state = 'succeeded') <> (COALESCE(f.heard, 0) >= 4200
                    OR COALESCE(f.heard, 0) = 4101))
            UNION ALL SELECT f.funding_order_id FROM funding_order f
            WHERE f.payment_id IS NULL AND COALESCE(f.heard, 0) >= 4101) d",
}];
