//! The checks of leads: what is held for them, and what was paid for them.

use super::checks::Check;

pub(super) static LEAD_CHECKS: &[Check] = &[
    Check {
        name: "every lead that is held has its fee held, and no other",
        count: "SELECT COUNT(*) AS n FROM lead",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.lead_id AS row_id FROM lead l
            LEFT JOIN transfer t ON t.transfer_id = l.hold_transfer_id AND t.kind = 'lead_hold'
                AND t.subject_id = l.lead_id AND t.lines = 2
            LEFT JOIN posting w ON w.transfer_id = t.transfer_id
                AND w.account_id = l.claimer_id * 100 + 1
            LEFT JOIN posting f ON f.transfer_id = t.transfer_id
                AND f.account_id = l.claimer_id * 100 + 2
            LEFT JOIN transfer r ON r.reverses_id = l.hold_transfer_id
            WHERE l.hold_transfer_id IS NOT NULL AND (w.posting_id IS NULL
                OR f.posting_id IS NULL OR f.amount_fen <> l.fee_fen OR r.transfer_id IS NOT NULL)
            UNION ALL SELECT t.transfer_id FROM transfer t
            LEFT JOIN lead l ON l.lead_id = t.subject_id AND l.hold_transfer_id = t.transfer_id
            LEFT JOIN transfer r ON r.reverses_id = t.transfer_id AND r.kind = 'lead_return'
            WHERE t.kind = 'lead_hold' AND l.lead_id IS NULL AND r.transfer_id IS NULL
            UNION ALL SELECT r.transfer_id FROM transfer r
            LEFT JOIN transfer t ON t.transfer_id = r.reverses_id AND t.kind = 'lead_hold'
            WHERE r.kind = 'lead_return' AND t.transfer_id IS NULL) d",
    },
    Check {
        name: "every lead that was won has paid its fee to its owner once, and no other",
        count: "SELECT COUNT(*) AS n FROM lead WHERE state = 'won'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.lead_id AS row_id FROM lead l
            LEFT JOIN (SELECT t.subject_id, COUNT(*) AS paid FROM transfer t
                JOIN lead p ON p.lead_id = t.subject_id
                JOIN posting f ON f.transfer_id = t.transfer_id
                    AND f.account_id = p.claimer_id * 100 + 2 AND f.amount_fen = -p.fee_fen
                JOIN posting w ON w.transfer_id = t.transfer_id
                    AND w.account_id = p.owner_id * 100 + 1 AND w.amount_fen = p.fee_fen
                WHERE t.kind = 'lead_fee' AND t.lines = 2 GROUP BY t.subject_id) f
                ON f.subject_id = l.lead_id
            WHERE COALESCE(f.paid, 0)
                <> CASE WHEN l.state = 'won' AND l.fee_fen > 0 THEN 1 ELSE 0 END
            UNION ALL SELECT t.transfer_id FROM transfer t
            LEFT JOIN lead l ON l.lead_id = t.subject_id AND l.state = 'won' AND l.fee_fen > 0
            WHERE t.kind = 'lead_fee' AND l.lead_id IS NULL) d",
    },
];
