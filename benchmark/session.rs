//! What a request costs in a client and a server session joined by pipes, without JavaScript and without sockets:
//!
//! ```text
//! cargo run --release --no-default-features --example session
//! ```
//!
//! (`-- requests` or `-- download` for one half of it.) The time of each side is measured around its calls, a batch at a time. "Batch" is the number of requests that arrive,
//! and are answered, in one turn.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http2_rs::session::{Event, SendOptions, Session};
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, FieldBlock, HeadKind, Role, Setting, SettingId, StreamId};

const REQUESTS: usize = 400_000;
const BODY: SendOptions = SendOptions { end_stream: false, want_trailers: false };
const NO_BODY: SendOptions = SendOptions { end_stream: true, want_trailers: false };

/// One side with the time it has taken.
struct Side {
    session: Session<Pipe>,
    spent: Duration,
}

impl Side {
    fn new(role: Role, config: Config) -> Side {
        Side { session: Session::new(role, config, Pipe::new()), spent: Duration::ZERO }
    }

    /// As the addon does it: a session that stopped at its bound goes on once its events are taken.
    fn turn(&mut self, input: Option<Bytes>, mut act: impl FnMut(&mut Session<Pipe>)) -> Option<Bytes> {
        let start = Instant::now();
        if let Some(input) = input {
            self.session.with_transport(|pipe| pipe.push(input));
        }
        loop {
            let more = self.session.poll(Duration::ZERO);
            act(&mut self.session);
            if !more {
                break;
            }
        }
        self.session.flush();
        let output = self.session.with_transport(|pipe| {
            let output = pipe.take_output();
            pipe.output_done();
            output
        });
        self.spent += start.elapsed();
        output
    }
}

fn request() -> FieldBlock {
    [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "localhost:8000"),
        (":path", "/some/path?with=query"),
        ("user-agent", "a client/1.0"),
        ("accept", "*/*"),
    ]
    .into_iter()
    .collect()
}

fn response() -> FieldBlock {
    [
        (":status", "200"),
        ("content-type", "text/plain"),
        ("content-length", "12"),
        ("date", "Mon, 23 Nov 2026 10:00:00 GMT"),
    ]
    .into_iter()
    .collect()
}

fn requests(batch: usize) {
    let window = vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 1 << 20)];
    let mut client = Side::new(
        Role::Client,
        Config { peer_max_concurrent_streams: 10_000, settings: window.clone(), ..Config::default() },
    );
    let mut server = Side::new(Role::Server, Config { settings: window, ..Config::default() });
    let body = Bytes::from_static(b"hello world\n");
    let before = cpu_time();
    let mut answered = 0;
    let mut input = None;
    let mut open = 0;
    let serve = |session: &mut Session<Pipe>| {
        while let Some(event) = session.next_event() {
            if let Event::Headers { stream, kind: HeadKind::Request, .. } = event {
                let _ = session.read_start(stream);
                let _ = session.respond(stream, response(), BODY);
                let _ = session.write(stream, [body.clone()]);
                let _ = session.end(stream);
            }
        }
    };
    while answered < REQUESTS {
        let output = client.turn(input.take(), |session| {
            while let Some(event) = session.next_event() {
                match event {
                    Event::StreamClose { .. } => {
                        answered += 1;
                        open -= 1;
                    }
                    event => {
                        black_box(event);
                    }
                }
            }
            if open == 0 {
                for _ in 0..batch {
                    if let Ok(stream) = session.request(request(), NO_BODY, None) {
                        let _ = session.read_start(stream);
                        open += 1;
                    }
                }
            }
        });
        input = server.turn(output, serve);
    }
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / answered as f64;
    let (server, client) = (each(server.spent), each(client.spent));
    print!("batch {batch:4}   server {server:5.2} us/request   client {client:5.2} us/request");
    match (before, cpu_time()) {
        (Some(before), Some(after)) => println!("   CPU of both {:5.2} us/request", each(after.saturating_sub(before))),
        _ => println!(),
    }
}

/// What this thread has run, which unlike the clock does not count what others ran meanwhile. Linux only.
fn cpu_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(statistics.split(' ').next()?.parse().ok()?))
}

fn download(piece: usize) {
    const TOTAL: usize = 1 << 31;
    let mut client = Side::new(
        Role::Client,
        Config { settings: vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 16 << 20)], ..Config::default() },
    );
    let mut server = Side::new(Role::Server, Config::default());
    let _ = client.session.set_local_window_size(16 << 20);
    let body = Bytes::from(vec![7; piece]);
    let (mut received, mut written, mut input) = (0, 0, None);
    let mut stream = StreamId::default();
    let started = client.session.request(request(), NO_BODY, None);
    let _ = started.and_then(|stream| client.session.read_start(stream));
    while received < TOTAL {
        let output = client.turn(input.take(), |session| {
            while let Some(event) = session.next_event() {
                if let Event::Data { data, .. } = event {
                    received += data.len();
                }
            }
        });
        input = server.turn(output, |session| {
            let mut due = 0;
            while let Some(event) = session.next_event() {
                match event {
                    Event::Headers { stream: opened, .. } => {
                        stream = opened;
                        let _ = session.respond(stream, response_of_any_length(), BODY);
                        due = 4;
                    }
                    Event::Written { .. } => due += 1,
                    _ => {}
                }
            }
            for _ in 0..due {
                if written < TOTAL + (4 << 20) {
                    written += piece;
                    let _ = session.write(stream, [body.clone()]);
                }
            }
        });
    }
    let rate = |side: &Side| received as f64 / side.spent.as_secs_f64() / 1e9;
    println!(
        "download in pieces of {:3} KiB   server {:5.2} GB/s   client {:5.2} GB/s",
        piece >> 10,
        rate(&server),
        rate(&client)
    );
}

fn response_of_any_length() -> FieldBlock {
    [(":status", "200")].into_iter().collect()
}

fn main() {
    let only = std::env::args().nth(1);
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("requests") {
        for batch in [1, 10, 100, 1000] {
            requests(batch);
        }
    }
    if wanted("download") {
        for piece in [16 << 10, 64 << 10, 1 << 20] {
            download(piece);
        }
    }
}
