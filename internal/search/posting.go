package search

import "encoding/binary"

// A posting list as it is stored: four bytes for each chunk that holds the term,
// ascending, its ordinal above the lowest postingBits and below how often it does.
const (
	postingSize = 4
	postingBits = 10
	maxCount    = 999 // also where SQL packs
)

// packPosting appends a chunk to a posting list.
func packPosting(list []byte, ordinal, count int) []byte {
	return binary.BigEndian.AppendUint32(list, uint32(ordinal)<<postingBits|uint32(min(count, maxCount)))
}

// posting returns entry i of a posting list.
func posting(list []byte, i int) (ordinal int32, count int) {
	p := binary.BigEndian.Uint32(list[postingSize*i:])
	return int32(p >> postingBits), int(p & (1<<postingBits - 1))
}
