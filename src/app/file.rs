//! Features as files: streamed while they are written, or made once and sent in any part.
//!
//! What everybody may have whole is made once for each generation, in a file without a name (gone with the program, however
//! it ends), and sent from there in any range. What only some may have is made for each of them and never kept: FlatGeobuf,
//! GeoJSON and CSV pass through memory alone; a GeoPackage or a spreadsheet lies, while it is made and sent, in files that
//! have lost their names before the first row is in them.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
};

use super::{
    App,
    cache::{self, Cache},
    collections,
    error::Error,
    selection,
    world::World,
};
use crate::{
    access::{
        Actor, Disclosed,
        hexes::Policy,
        opened::{Opened, Picked},
    },
    domain::watch::{Unwatched, Watch},
    publish::features::{self, Format},
    query::filter::Lang,
    store::{geopackage, workbook},
};

/// Bytes of a piece on its way.
const PIECE_BYTES: usize = 256 << 10;

/// Pieces that wait for a client to take them.
const PIECES_WAITING: usize = 4;

/// Bytes of files that a world keeps.
const SHELF_BYTES: usize = 8 << 30;

/// Files that are written at the same time at most: each of them keeps a thread as long as its client takes its pieces.
const WRITERS_MAX: usize = 16;

/// A file that comes in pieces.
pub struct Pieces(Source);

enum Source {
    /// Written while it is taken; the last message says that it is whole.
    Written(mpsc::Receiver<io::Result<Option<Bytes>>>),
    /// Read from where it lies.
    Lying(Arc<Volume>, Range<u64>),
}

impl Pieces {
    /// The next piece; none after the last. After an error there is no more, and what came before is not a whole file.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        match &mut self.0 {
            Source::Written(receiver) => match receiver.recv().await {
                Some(piece) => piece.transpose(),
                None => Some(Err(io::Error::other("the writer ended before the file did"))),
            },
            Source::Lying(volume, range) => {
                if range.is_empty() {
                    return None;
                }
                let (volume, at) = (Arc::clone(volume), range.start);
                let length = PIECE_BYTES.min((range.end - range.start) as usize);
                range.start += length as u64;
                let read = tokio::task::spawn_blocking(move || volume.read(at, length)).await;
                Some(read.unwrap_or_else(|error| Err(io::Error::other(error))))
            }
        }
    }

    /// Whatever `work` writes, off the waiting threads; it stops where nobody takes the pieces any more.
    ///
    /// Errors: `Unavailable` where as many are being written as may be.
    fn of(
        writers: &Writers,
        work: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let permit = Arc::clone(&writers.0)
            .try_acquire_owned()
            .map_err(|_| Error::Unavailable(format!("{WRITERS_MAX} files are being written already")))?;
        let (sender, receiver) = mpsc::channel(PIECES_WAITING);
        tokio::task::spawn_blocking(move || {
            let mut out = BufWriter::with_capacity(PIECE_BYTES, Pipe(sender.clone()));
            let done = work(&mut out).and_then(|()| out.flush().map_err(Error::internal));
            // Who has gone cannot be told.
            sender.blocking_send(done.map(|()| None).map_err(io::Error::other)).ok();
            drop(permit);
        });
        Ok(Self(Source::Written(receiver)))
    }
}

/// Who may write a file now.
pub(super) struct Writers(Arc<Semaphore>);

impl Default for Writers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(WRITERS_MAX)))
    }
}

/// The end of a channel as a destination.
struct Pipe(mpsc::Sender<io::Result<Option<Bytes>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        self.0.blocking_send(Ok(Some(Bytes::copy_from_slice(piece)))).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that was made once.
pub struct Volume {
    file: Mutex<File>,
    bytes: u64,
    tag: Box<str>,
}

impl cache::Kept for Volume {
    fn weight(&self) -> usize {
        self.bytes as usize + 1024
    }
}

impl Volume {
    /// Its length.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its strong tag (RFC 9110, 8.8.3), quoted: the hash of its bytes.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// A part of it, which must lie in it.
    pub fn part(self: &Arc<Self>, range: Range<u64>) -> Pieces {
        Pieces(Source::Lying(Arc::clone(self), range))
    }

    fn read(&self, at: u64, length: usize) -> io::Result<Bytes> {
        let mut piece = vec![0; length];
        // A reader that failed left the place anywhere: every reader seeks first.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut piece)?;
        Ok(piece.into())
    }

    fn make(rows: &Disclosed<Opened>, format: Format) -> Result<Self, Error> {
        let file = tempfile::tempfile().map_err(Error::internal)?;
        let mut out =
            Hashed { out: BufWriter::with_capacity(PIECE_BYTES, file), hasher: blake3::Hasher::new(), bytes: 0 };
        write(rows, format, &mut out, &Unwatched)?;
        let tag = format!("\"{}\"", &out.hasher.finalize().to_hex()[..24]).into();
        let file = out.out.into_inner().map_err(|error| Error::internal(error.into_error()))?;
        Ok(Self { file: Mutex::new(file), bytes: out.bytes, tag })
    }
}

/// A destination that hashes what passes.
struct Hashed<W> {
    out: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The files of a world that everybody may have, by collection and format.
pub(super) type Shelf = Cache<(Box<str>, Format), Volume>;

/// An empty one.
pub(super) fn shelf() -> Shelf {
    Cache::new(SHELF_BYTES)
}

/// How a file is handed over.
pub enum Delivery {
    /// It lies there: any part of it can be had.
    Volume(Arc<Volume>),
    /// It is written while it is sent, once.
    Pieces(Pieces),
}

/// A file to be handed over.
pub struct Download {
    /// How.
    pub delivery: Delivery,
    /// For whom it is.
    pub policy: Policy,
    /// Of which world.
    pub world: Arc<World>,
}

/// A filter of the rows of a file.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// As it was written.
    pub text: String,
    /// In which language.
    pub lang: Lang,
}

/// A collection as a file, as fine as the actor may see it; what the audit log says of it is kept before.
///
/// Errors: those of [`collections::one`] and [`selection::select`].
pub async fn fetch(
    app: &App,
    actor: &Actor,
    name: &str,
    format: Format,
    narrowing: Option<Narrowing>,
) -> Result<Download, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let policy = offer.policy();
    let picked = match &narrowing {
        None => Picked::All,
        Some(by) => {
            let found = selection::select(&world, &offer.collection(), offer.up_to(), &by.text, by.lang).await?;
            Picked::Set(Arc::new(found.rows().clone()))
        }
    };
    let (rows, event) = offer.disclose(actor, picked)?;
    app.journal.keep(&[event]).await?;
    let delivery = if policy == Policy::Public && narrowing.is_none() {
        let make = move || Volume::make(&rows, format);
        Delivery::Volume(world.shelf.get_or_keep((name.into(), format), make).await?)
    } else {
        Delivery::Pieces(stream(app, rows, format)?)
    };
    Ok(Download { delivery, policy, world })
}

/// Rows as a file in any format, written while it is sent.
///
/// Errors: `Unavailable` where as many files are being written as may be.
pub fn stream(app: &App, rows: Disclosed<Opened>, format: Format) -> Result<Pieces, Error> {
    Pieces::of(&app.writers, move |out| write(&rows, format, out, &Unwatched).map(drop))
}

/// Whatever `work` writes, written while it is sent.
///
/// Errors: `Unavailable` where as many files are being written as may be.
pub(super) fn written(
    app: &App,
    work: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), Error> + Send + 'static,
) -> Result<Pieces, Error> {
    Pieces::of(&app.writers, work)
}

/// Writes rows in any format; answers how many are in the file (FlatGeobuf holds none without a shape). Not for a thread
/// that others wait on, and inside the runtime.
pub(super) fn write(
    rows: &Disclosed<Opened>,
    format: Format,
    out: &mut (dyn Write + Send),
    watch: &dyn Watch,
) -> Result<u64, Error> {
    match format {
        Format::GeoPackage => {
            // A folder of mode 0700, which goes once the file is open, before anything is in it.
            let folder = tempfile::tempdir().map_err(Error::internal)?;
            let path = folder.path().join("file.gpkg");
            let mut file =
                File::options().read(true).write(true).create_new(true).open(&path).map_err(Error::internal)?;
            let runtime = Handle::current();
            let blank = runtime.block_on(geopackage::create(&path))?;
            folder.close().map_err(Error::internal)?;
            let written = runtime.block_on(blank.fill(rows, watch))?;
            io::copy(&mut file, out).map_err(Error::internal)?;
            Ok(written)
        }
        Format::Xlsx => Ok(workbook::write(rows, &std::env::temp_dir(), out, watch)?),
        streamed => {
            let mut out = Watched { out, watch, bytes: 0 };
            features::write(rows, streamed, &mut out).map_err(Error::internal)
        }
    }
}

/// A destination whose kilobytes are counted, and that takes nothing more from work that should stop.
pub(super) struct Watched<'a> {
    pub(super) out: &'a mut (dyn Write + Send),
    pub(super) watch: &'a dyn Watch,
    pub(super) bytes: u64,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.watch.cancelled() {
            return Err(io::Error::other("stopped before the file was whole"));
        }
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        self.watch.advance(self.bytes >> 10);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
