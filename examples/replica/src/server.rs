//! Knows the network: listens on loopback, answers one connection after the other, logs, and stops.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use hyper::Response;
use hyper::body::Incoming;
use hyper::header;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::answer::{self, Asked, Body};
use crate::fault::{Rule, Rules};
use crate::log::{Arrival, Log, Request, Traffic};
use crate::site::{Query, Site};

/// A running replica of the site, until it is dropped.
#[derive(Debug)]
pub struct Replica {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    site: Site,
    rules: Mutex<Rules>,
    log: Mutex<Log>,
    traffic: Traffic,
}

/// The connection is to be dropped without an answer.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is reset on request")
    }
}

impl std::error::Error for Dropped {}

impl Replica {
    /// Serves `site` on a free port of loopback, on the runtime of the caller.
    ///
    /// # Errors
    ///
    /// If no port can be had.
    pub async fn start(site: impl Into<Site>) -> io::Result<Self> {
        Self::start_on(0, site).await
    }

    /// Serves `site` on this port of loopback.
    ///
    /// # Errors
    ///
    /// If the port cannot be had.
    pub async fn start_on(port: u16, site: impl Into<Site>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let site = site.into();
        let shared = Arc::new(Shared {
            rules: Mutex::new(Rules::new(site.seed())),
            site,
            log: Mutex::default(),
            traffic: Traffic::default(),
        });
        let task = tokio::spawn(listen(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, task })
    }

    /// Where the replica is, without a slash at the end: `http://127.0.0.1:41234`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets something go wrong from the next request on. Of several, the first that strikes counts.
    pub fn fault(&self, rule: impl Into<Rule>) {
        held(&self.shared.rules).add(rule.into());
    }

    /// Lets nothing go wrong any more. The delay of every answer stays.
    pub fn clear_faults(&self) {
        held(&self.shared.rules).clear();
    }

    /// Makes every answer take this long.
    pub fn delay(&self, delay: Duration) {
        held(&self.shared.rules).delay = delay;
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        held(&self.shared.log).requests()
    }

    /// The highest number of requests that were being answered at once.
    #[must_use]
    pub fn in_flight_peak(&self) -> usize {
        self.shared.traffic.peak()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A panic elsewhere leaves counters and lists as good as they were.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections. They belong to this task, and end with it.
async fn listen(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&shared)));
                }
                // Out of file descriptors, most likely: give the others time to finish.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without this, small answers would wait for the client's acknowledgement. A failure costs time only.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&reset);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        let flag = Arc::clone(&flag);
        // The connection is taken apart below, which asks for a future that can be moved.
        Box::pin(async move {
            let response = respond(&shared, request).await;
            flag.store(response.is_none(), Ordering::Relaxed);
            response.ok_or(Dropped)
        }) as Pin<Box<dyn Future<Output = Result<Response<Body>, Dropped>> + Send>>
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is a client that went away or a fault that was asked for.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    if reset.load(Ordering::Relaxed) {
        // A socket that does not linger is closed with RST; failing that, with FIN.
        let _ = connection.into_parts().io.inner().set_zero_linger();
    }
}

async fn respond(shared: &Shared, request: hyper::Request<Incoming>) -> Option<Response<Body>> {
    let _flight = shared.traffic.enter();
    let text = request.uri().query().unwrap_or("");
    let asked = Asked {
        path: request.uri().path().trim_start_matches('/'),
        query: Query::parse(text),
        headers: request.headers(),
    };
    let ticker = asked.query.ticker.as_deref();
    let number = held(&shared.log).arrive(&Arrival {
        path: asked.path,
        query: text,
        ticker,
        user_agent: asked.header(header::USER_AGENT),
        cookie: asked.header(header::COOKIE),
    });
    let (delay, fault) = held(&shared.rules).strike(asked.path, ticker);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let response = answer::answer(&shared.site, &asked, fault.as_ref())?;
    held(&shared.log).answer(number, response.status().as_u16());
    Some(response)
}
