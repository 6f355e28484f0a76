//! Who pays or is paid. All of it is personal data: none of these types prints its value, but for the country.

pub(crate) mod birth_date;
pub(crate) mod country;
pub(crate) mod customer;
pub(crate) mod email;
pub(crate) mod phone;
