"""Tables, trees and benchmarks for people to read."""
