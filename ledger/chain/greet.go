package chain

import (
	"errors"
	"time"

	"github.com/ethereum/go-ethereum/p2p"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

// greet exchanges statuses.
func (p *peer) greet() error {
	late := time.AfterFunc(p.net.timeout, func() { p.conn.Disconnect(p2p.DiscReadTimeout) })
	defer late.Stop()
	n := p.net.node
	genesis, head := n.eth.BlockChain().Genesis().Header(), n.eth.BlockChain().CurrentBlock()
	work, err := n.work(head)
	if err != nil {
		return err
	}
	finality, err := n.genesis.finality()
	if err != nil {
		return err
	}
	status := &mpow.Status{
		Genesis: genesis.Hash(), Rule: genesis.Extra, Finality: finality, Head: head.Hash(), Work: work, Justified: n.agreed.Load(),
	}
	sent := make(chan error, 1)
	go func() {
		sent <- mpow.Write(p.rw, status)
	}()
	err = p.greeted(status)
	if err != nil {
		p.conn.Disconnect(p2p.DiscSubprotocolError) // ends the write
	}
	return errors.Join(err, <-sent)
}

func (p *peer) greeted(ours *mpow.Status) error {
	m, err := p.receive()
	if err != nil {
		return err
	}
	status, ok := m.(*mpow.Status)
	switch {
	case !ok:
		return offend(longBan, "first message has code %d", m.Code())
	case status.Genesis != ours.Genesis:
		return offend(longBan, "peer is on chain %s", status.Genesis)
	case string(status.Rule) != string(ours.Rule):
		return offend(longBan, "peer has another difficulty rule")
	case status.Finality != ours.Finality:
		return offend(longBan, "peer has other signers or another interval")
	}
	p.note(claim{head: status.Head, work: status.Work, justified: status.Justified})
	return nil
}
