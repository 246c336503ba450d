//! A server on a thread of its own: the replay's, and the tests'.

use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use service::Shared;

/// A running server; it stops when dropped.
pub struct Running {
    base: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(service: &Shared) -> std::io::Result<Self> {
        Self::start_at(service, 0)
    }

    /// Starts a server on this port of 127.0.0.1, 0 for any that is free.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_at(service: &Shared, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let base = format!("http://{}", listener.local_addr()?);
        let (sender, receiver) = mpsc::channel();
        let service = Arc::clone(service);
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = web::run(listener, service, web::Serving::default())?;
                let told = sender.send(server.handle());
                told.map_err(std::io::Error::other)?;
                server.await
            })
        });
        let handle = receiver.recv().map_err(std::io::Error::other)?;
        Ok(Self { base, handle, thread: Some(thread) })
    }

    /// Where it listens, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Told to stop, the server ends its thread; the answer of `stop` need not be awaited.
        drop(self.handle.stop(false));
        let ended = self.thread.take().map(JoinHandle::join);
        if !matches!(ended, None | Some(Ok(Ok(())))) {
            tracing::error!("the server did not end well");
        }
    }
}
