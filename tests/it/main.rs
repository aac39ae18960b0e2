//! Everything that needs a socket, a file, a process or a terminal.
