//! Customers: who they are, what they prove and tell, and what guards their doors.
