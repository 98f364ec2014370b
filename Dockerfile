# Jiehuan in a container; see docs/operating/install.md.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY migrations migrations
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin jiehuan \
    && install --directory --mode=0700 --owner=jiehuan --group=jiehuan /data
COPY --from=build /source/target/release/jiehuan /usr/local/bin/jiehuan
USER jiehuan
WORKDIR /data
# An address that other machines reach takes the profile production: demo and bench, in which anyone
# may do anything, refuse it. And production refuses it without TLS: set JIEHUAN_HTTP_TLS_CERTIFICATE
# and JIEHUAN_HTTP_TLS_KEY, or JIEHUAN_HTTP_TLS_BY_PROXY=true where a proxy in front speaks TLS.
ENV JIEHUAN_PROFILE=production \
    JIEHUAN_LISTEN=0.0.0.0:8080 \
    JIEHUAN_DATA=/data
VOLUME /data
EXPOSE 8080
# No HEALTHCHECK: the image has no HTTP client. Probe /healthz and /readyz from outside.
ENTRYPOINT ["/usr/local/bin/jiehuan"]
CMD ["serve"]
