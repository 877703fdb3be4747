package jobs

// processEnded is noted in a job whose process ended while it worked on it.
const processEnded = "the process that worked on it ended"

// Tries counts the earlier attempts at a job: those that ended in an error, and
// those that were cut off because their process ended. Only the former tell
// something about the job.
func Tries(job *jobRow) (failed, cutOff int) {
	for _, e := range job.Errors {
		if e.Error != processEnded {
			failed++
		}
	}
	return failed, max(0, job.Attempt-1-failed)
}
