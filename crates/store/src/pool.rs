//! Connections that are used again.

use std::time::Duration;

use diesel::r2d2::R2D2Connection;
use diesel::r2d2::{self, ManageConnection, PooledConnection};

use crate::Fault;
use crate::begin::is_unfinished;
use crate::connect::{Access, Address};
use crate::connection::Conn;

/// How long a caller waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens connections of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Opener {
    address: Address,
    access: Access,
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = Fault;

    fn connect(&self) -> Result<Conn, Fault> {
        self.address.connect(self.access)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Fault> {
        Ok(conn.0.ping()?)
    }

    /// A connection whose transaction was left open, by a panic for instance, is thrown away and never handed on.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        is_unfinished(conn)
    }
}

/// Up to a fixed number of connections of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    opener: Opener,
    connections: r2d2::Pool<Opener>,
}

impl Pool {
    /// A pool, after one connection has been opened to see that it can be.
    pub(crate) fn open(address: Address, access: Access, size: u32) -> Result<Self, Fault> {
        let opener = Opener { address, access };
        opener.connect()?;
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .build_unchecked(opener.clone());
        Ok(Self { opener, connections })
    }

    /// A connection. When none is to be had the pool does not say why, so one is opened outside it to learn that.
    pub(crate) fn get(&self) -> Result<PooledConnection<Opener>, Fault> {
        self.connections.get().map_err(|none| match self.opener.connect() {
            Err(fault) => fault,
            Ok(_) => Fault::Exhausted(none),
        })
    }
}
