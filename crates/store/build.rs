//! The migrations are part of the program: a changed one must build it again.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
