//! The accept loop: our own, because slow clients must not hold the door (operations.md, rows 7): a bound on the time for
//! the headers, on the connections, and on the wait at the end.

use std::{io, sync::Arc, sync::atomic::Ordering, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{Server, router, stall::Stall};

/// What a server allows its clients.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait at the door.
    pub connections: usize,
    /// Time for a request's headers, first byte included; also how long a connection may idle between requests.
    pub header_wait: Duration,
    /// Time that requests under way have when the server is told to stop.
    pub drain_wait: Duration,
    /// Time that a client may leave an answer unread.
    pub write_wait: Duration,
    /// Bytes of a request's headers.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            header_wait: Duration::from_secs(10),
            drain_wait: Duration::from_secs(20),
            write_wait: Duration::from_secs(30),
            header_bytes: 32 * 1_024,
        }
    }
}

/// Serves until `stop` is done, then lets requests under way finish.
pub async fn run(
    listener: TcpListener,
    server: Server,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let service = router::build(server.clone());
    let room = Arc::new(Semaphore::new(limits.connections));
    let builder = Arc::new(protocol(limits));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &room) => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors and the like: leave the others a moment to go.
                    tracing::warn!(cause = %error, "a connection could not be accepted");
                    server.metrics().refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // A tile should leave at once, not wait for a full packet.
        stream.set_nodelay(true).ok();
        let hyper_service = TowerToHyperService::new(service.clone());
        let builder = Arc::clone(&builder);
        let watcher = graceful.watcher();
        let server = server.clone();
        tokio::spawn(async move {
            server.metrics().connections.fetch_add(1, Ordering::Relaxed);
            if greeted(&stream, limits.header_wait).await {
                let stream = TokioIo::new(Stall::new(stream, limits.write_wait));
                let connection = builder.serve_connection(stream, hyper_service).into_owned();
                if let Err(error) = watcher.watch(connection).await {
                    tracing::debug!(cause = %error, "a connection ended early");
                }
            }
            server.metrics().connections.fetch_sub(1, Ordering::Relaxed);
            drop(permit);
        });
    }
    drop(listener);
    server.stop();
    tracing::info!("stopping: no new connections, requests under way may finish");
    if tokio::time::timeout(limits.drain_wait, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off at the end of the wait");
    }
    Ok(())
}

/// A connection once there is room for it.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

/// Whether the client said, in time, enough to know which HTTP it speaks: anything but the beginning of HTTP/2's preface,
/// or the whole of it. The protocol's own clock starts only after that.
async fn greeted(stream: &TcpStream, wait: Duration) -> bool {
    const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let greeting = async {
        let mut said = [0; PREFACE.len()];
        loop {
            match stream.peek(&mut said).await {
                Ok(0) | Err(_) => return false,
                Ok(length) if length == PREFACE.len() || said[..length] != PREFACE[..length] => return true,
                Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(wait, greeting).await.unwrap_or(false)
}

fn protocol(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_wait)
        .max_buf_size(limits.header_bytes)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(limits.header_bytes as u32)
        .max_concurrent_streams(128)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(limits.header_wait)
        .keep_alive_timeout(limits.header_wait);
    builder
}

/// Done when the program is told to stop (SIGTERM, Ctrl-C).
pub async fn told_to_stop() {
    let interrupt = async {
        // Where the signal cannot be heard, the other one still can.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => (),
        () = terminate => (),
    }
}
