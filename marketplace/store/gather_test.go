package store

import (
	"testing"
	"testing/synctest"
	"time"
)

// Whoever records waits for those who were answered just now, until all of them wait again or they have had their time.
func TestGather(t *testing.T) {
	tests := []struct {
		name                      string
		before, answered, arrives int
		want                      time.Duration
	}{
		{"all come again", 1, 2, 2, 2 * time.Microsecond},
		{"one does not", 1, 3, 2, comeAgain},
		{"some waited meanwhile", 2, 1, 1, time.Microsecond},
		{"nobody was answered", 1, 0, 0, 0},
		{"nobody waits", 0, 3, 0, 0},
		{"as many as share a transaction", 1, 2 * maxTogether, maxTogether - 1, (maxTogether - 1) * time.Microsecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b batches
				for range test.before {
					b.add(new(recording))
				}
				b.expect(test.answered)
				for i := range test.arrives {
					time.AfterFunc(time.Duration(i+1)*time.Microsecond, func() { b.add(new(recording)) })
				}
				begin := time.Now()
				b.gather()
				if took := time.Since(begin); took != test.want {
					t.Errorf("waited %s, want %s", took, test.want)
				}
				if got := len(b.waiting); got != test.before+test.arrives {
					t.Errorf("%d wait, want %d", got, test.before+test.arrives)
				}
			})
		})
	}
}
