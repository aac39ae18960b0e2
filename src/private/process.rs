//! What of the running program nobody gets to see: the secret is in its memory while a
//! token is signed, and in its environment where it was given there.

/// From now on there is no core dump, no debugger of another program of the same user
/// reads the memory, and no file is made that others may read. A system that refuses any
/// of it is no reason not to work.
pub fn keep_to_itself() {
    #[cfg(unix)]
    {
        use rustix::{
            fs::Mode,
            process::{Resource, Rlimit, setrlimit, umask},
        };
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
        umask(Mode::RWXG | Mode::RWXO);
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
