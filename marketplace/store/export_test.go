package store

// Waiting is how many callers of Record wait for their turn.
func (p *Provider) Waiting() int {
	p.batches.mu.Lock()
	defer p.batches.mu.Unlock()
	return len(p.batches.waiting)
}
