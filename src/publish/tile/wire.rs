//! The few words of Protocol Buffers that a tile needs.

/// Wire type of a variable-length number.
const VARINT: u32 = 0;
/// Wire type of eight bytes.
const FIXED64: u32 = 1;
/// Wire type of a counted run of bytes.
const COUNTED: u32 = 2;

/// Appends a variable-length number.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A signed number so folded that small ones stay short.
pub(super) const fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// Appends a field that is a number.
pub(super) fn number(out: &mut Vec<u8>, field: u32, value: u64) {
    varint(out, u64::from(field << 3 | VARINT));
    varint(out, value);
}

/// Appends a field that is a double.
pub(super) fn double(out: &mut Vec<u8>, field: u32, value: f64) {
    varint(out, u64::from(field << 3 | FIXED64));
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a field that is text, bytes or a message.
pub(super) fn counted(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    varint(out, u64::from(field << 3 | COUNTED));
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a field that is a packed run of numbers.
pub(super) fn packed(out: &mut Vec<u8>, field: u32, values: &[u32]) {
    varint(out, u64::from(field << 3 | COUNTED));
    let length: usize = values.iter().map(|&value| varint_length(value)).sum();
    varint(out, length as u64);
    for &value in values {
        varint(out, u64::from(value));
    }
}

const fn varint_length(value: u32) -> usize {
    match value {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        0x4000..=0x1f_ffff => 3,
        0x20_0000..=0xfff_ffff => 4,
        _ => 5,
    }
}
