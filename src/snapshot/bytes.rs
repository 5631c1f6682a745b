//! Plain little-endian bytes out and in, every count bounded by the bytes that remain.

/// Bytes being written.
#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    /// Items of a fixed width, without their count.
    pub(super) fn items<const N: usize, T>(&mut self, items: &[T], bytes: impl Fn(&T) -> [u8; N]) {
        self.0.reserve(items.len() * N);
        for item in items {
            self.0.extend_from_slice(&bytes(item));
        }
    }
}

/// The bytes end early or say what cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// Bytes being read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Malformed("ends early"))?;
        self.0 = tail;
        Ok(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Malformed("ends early"))?;
        self.0 = tail;
        Ok(*head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn text(&mut self) -> Result<Box<str>, Malformed> {
        let len = self.u32()? as usize;
        let text = std::str::from_utf8(self.take(len)?).map_err(|_| Malformed("holds text that is not UTF-8"))?;
        Ok(text.into())
    }

    pub(super) fn items<const N: usize, T>(
        &mut self,
        count: usize,
        item: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Malformed> {
        let bytes = self.take(count.checked_mul(N).ok_or(Malformed("counts too many"))?)?;
        Ok(bytes.as_chunks::<N>().0.iter().map(|&chunk| item(chunk)).collect())
    }
}
