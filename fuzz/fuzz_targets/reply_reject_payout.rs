//! The reply to `reject_payout`: any status, any header, any body.
#![no_main]

use edge_cashier::OperationName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| edge_cashier_fuzz::reply(OperationName::RejectPayout, data));
