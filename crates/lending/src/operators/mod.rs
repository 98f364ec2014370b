//! Operators (操作员): who works in the back office, with which rights.
