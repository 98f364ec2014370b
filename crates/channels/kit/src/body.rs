//! Reading request bodies within bounds.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;

/// How long a whole body may take to arrive; below the time limit of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Longer than the limit.
    TooLarge,
    /// The connection broke or took too long.
    Broken,
}

/// Reads a whole body of at most `limit` bytes. What is left of a longer one, the server throws
/// away before the answer leaves.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(PATIENCE, collect(body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(BodyError::Broken),
    }
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut whole: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if whole.len().saturating_add(data.len()) > limit {
            return Err(BodyError::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}
