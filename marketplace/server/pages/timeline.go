package pages

// timeline is a picture of when questions were answered, 1000 units wide with 10 left at each end.
type timeline struct {
	From, Until int64 // Unix seconds
	Dots        []int // a question each
}

// timelineOf draws questions, newest first; nil for fewer than two moments, of which there is no picture.
func timelineOf(queries []query) *timeline {
	if len(queries) == 0 {
		return nil
	}
	t := timeline{From: queries[len(queries)-1].Time, Until: queries[0].Time}
	if t.Until <= t.From {
		return nil
	}
	for _, q := range queries {
		at := min(max(q.Time, t.From), t.Until) // a clock may have been set back
		t.Dots = append(t.Dots, 10+int(980*(at-t.From)/(t.Until-t.From)))
	}
	return &t
}
