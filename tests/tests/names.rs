//! Commands and arguments may bear any name, those of the generated code included.
#![allow(dead_code, reason = "that they compile is most of the test")]

use plugin_api::{Context, Result, State, command};
use serde::Deserialize;

#[derive(Deserialize)]
struct A(u8);
#[derive(Deserialize)]
struct S(u8);
#[derive(Deserialize)]
struct Slots(u8);
struct MapAccess(u8);

#[command]
fn call(call: A, map: S, slots: Slots, private: Option<u8>, key: u8, index: u8, r#type: u8) -> u8 {
    call.0 + map.0 + slots.0 + private.unwrap_or_default() + key + index + r#type
}

#[command]
fn slots(value: u8) -> u8 {
    value
}

#[command]
fn private(state: State<'_, MapAccess>, context: &Context) -> Result<u8> {
    context.info("");
    Ok(state.0)
}

#[test]
fn a_command_is_still_a_function_of_its_own() {
    assert_eq!(slots(7), 7);
    assert_eq!(call(A(1), S(2), Slots(3), None, 4, 5, 6), 21);
}
