"""From a call to its kernel and back: the form of the arguments, settled once; results; loops of calls."""
