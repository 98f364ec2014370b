//! The back office's pages from the wire, as a browser without script sees them.

mod browser;
mod collecting;
mod crawl;
mod door;
mod factor;
mod lists;
mod rights;
mod work;
