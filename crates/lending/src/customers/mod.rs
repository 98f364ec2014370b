//! Customers of a lender (客户): what is known of them, and what of it is proven.
