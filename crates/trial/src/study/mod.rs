//! The study design: three parts, of which two are files.
