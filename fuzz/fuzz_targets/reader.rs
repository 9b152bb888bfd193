#![no_main]

use http2_rs_fuzz::reader::{Input, run};

libfuzzer_sys::fuzz_target!(|input: Input| run(input));
