package pdf

// WorkerMain runs this process as a worker and returns its exit code.
func WorkerMain() int {
	return 1
}
