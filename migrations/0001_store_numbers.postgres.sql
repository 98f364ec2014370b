-- Series of numbers (member 1, 2, 3 …), one sequence each; see the file of the same number for
-- SQLite. Gaps are harmless: a number is a name, not a count.
CREATE SEQUENCE number_node;
CREATE SEQUENCE number_member;
CREATE SEQUENCE number_project;
CREATE SEQUENCE number_bid;
