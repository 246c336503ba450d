// What the library's errors are made of, in place of its package for browsers without classes.

export class CustomError extends Error {}
