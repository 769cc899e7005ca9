mod barrier;
mod crash;
mod http;
mod limits;
mod operations;
mod support;
mod waits;
