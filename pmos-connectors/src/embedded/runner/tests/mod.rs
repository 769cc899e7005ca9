mod barrier;
mod crash;
mod http;
mod limits;
mod operations;
mod own;
mod support;
mod waits;
