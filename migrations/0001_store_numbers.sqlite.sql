-- Series of numbers (member 1, 2, 3 …). In SQLite a row per series, counted up by its user's own
-- transaction; in PostgreSQL a sequence each, which no transaction has to wait for.
CREATE TABLE number_series (
    series TEXT NOT NULL CONSTRAINT number_series_pk PRIMARY KEY,
    last_number BIGINT NOT NULL
);
