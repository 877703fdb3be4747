package pdf

// Sandbox does to this process what is done to a worker before it reads a
// document.
func Sandbox() error { return sandbox() }
