//! TypeScript types that no Rust type has: those of JSON.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const JSON: &str = "
/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Any object that JSON can hold. */
export interface JsonObject {
  [name: string]: JsonValue;
}
";
