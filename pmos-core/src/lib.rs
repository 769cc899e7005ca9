//! The vocabulary and the rules of PMOS: nouns, actions, the one door, ports.
