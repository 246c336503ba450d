//! The program itself, built with the tests so that they can start it as a process of its own.

fn main() -> std::process::ExitCode {
    iwrs::main()
}
