//! The sandbox over HTTP: the same wires as the providers.
