//! The accept loop over real sockets: slow clients, full houses, the end.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};

use crate::{
    app::App,
    http::{self, Limits, Server},
};

const QUICK: Limits = Limits {
    connections: 50,
    header_wait: Duration::from_millis(300),
    drain_wait: Duration::from_secs(2),
    write_wait: Duration::from_millis(500),
    header_bytes: 16 * 1_024,
};

/// Starts a server without data; it stops when the sender goes.
async fn start(
    limits: Limits,
) -> (std::net::SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = Server::new(Arc::new(App::without_store()), None);
    let running = tokio::spawn(http::run(listener, server, limits, async {
        stopped.await.ok();
    }));
    (address, stop, running)
}

async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = timeout(Duration::from_secs(3), stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

/// Until the other side closes.
async fn drained(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.unwrap().ok();
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_and_slow_clients_are_shown_out_and_others_served() {
    let (address, _stop, _running) = start(QUICK).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut slow = TcpStream::connect(address).await.unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut idle).await.starts_with("HTTP/1.1 200"));
    let dripping = tokio::spawn(async move {
        let begun = Instant::now();
        for byte in
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter().cycle()
        {
            if slow.write_all(&[*byte]).await.is_err() || begun.elapsed() > Duration::from_secs(4) {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    });
    assert!(drained(&mut silent).await < Duration::from_secs(3), "a client that says nothing");
    assert!(drained(&mut idle).await < Duration::from_secs(3), "a client that came back for nothing");
    assert!(dripping.await.unwrap() < Duration::from_secs(3), "a client that drips its headers");
    let mut good = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut good).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_greeting_of_http2_is_not_waited_for() {
    let (address, _stop, _running) = start(QUICK).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"PRI * HT").await.unwrap();
    assert!(drained(&mut stream).await < Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_shown_out() {
    let (address, _stop, running) = start(Limits { connections: 1, ..QUICK }).await;
    let mut greedy = TcpStream::connect(address).await.unwrap();
    let requests = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20_000);
    // It asks and asks and never reads; the only place is free again once it is shown out.
    let asking = tokio::spawn(async move {
        greedy.write_all(&requests).await.ok();
        sleep(Duration::from_secs(5)).await;
    });
    sleep(Duration::from_millis(100)).await;
    let mut good = TcpStream::connect(address).await.unwrap();
    good.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 1_024];
    let read = timeout(Duration::from_secs(4), good.read(&mut answer)).await.expect("its turn comes").unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
    asking.abort();
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_opens_again_when_the_silent_ones_are_gone() {
    let (address, _stop, _running) = start(QUICK).await;
    let crowd: Vec<TcpStream> = {
        let mut crowd = Vec::new();
        for _ in 0..200 {
            crowd.push(TcpStream::connect(address).await.unwrap());
        }
        crowd
    };
    let mut good = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut good).await.starts_with("HTTP/1.1 200"));
    drop(crowd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_past_the_bound_are_refused() {
    let (address, _stop, _running) = start(QUICK).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Large: {}\r\n\r\n", "a".repeat(64 * 1_024));
    stream.write_all(request.as_bytes()).await.ok();
    let mut answer = vec![0; 1_024];
    let read = timeout(Duration::from_secs(3), stream.read(&mut answer)).await.unwrap().unwrap_or(0);
    assert!(read == 0 || String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 431"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_takes_nobody_new_and_ends() {
    let (address, stop, running) = start(QUICK).await;
    let mut open = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut open).await.starts_with("HTTP/1.1 200"));
    drop(stop);
    timeout(Duration::from_secs(4), running).await.expect("it ends").unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
