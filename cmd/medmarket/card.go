package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
)

// hospitalCard is what a marketplace must know of a hospital's node. Nothing in it is secret, but
// it must come over a trusted way: who gives another certificate is that hospital.
type hospitalCard struct {
	Hospital    string         `json:"hospital"`    // name, by which its organisation is known
	Dataset     string         `json:"dataset"`     // id
	Address     ledger.Address `json:"address"`     // of the key that signs its releases
	Certificate ledger.Hash    `json:"certificate"` // SHA-256 of the one that its node shows the marketplace
	Endpoint    string         `json:"endpoint"`    // host:port at which the marketplace reaches it

	Signature ledger.Signature `json:"signature"` // of all else in it, by the key of the address
}

// digest is what a card's signature signs: SHA-256 of these words and the canonical form of the card without it. It can be
// none of a document of the chain, which begins otherwise (EIP-712).
func (c hospitalCard) digest() (ledger.Hash, error) {
	c.Signature = ledger.Signature{}
	b, err := ledger.Canonical(c)
	return ledger.HashBytes(append([]byte("medmarket: card of a hospital\n"), b...)), err
}

// marketCard is what a hospital's node must know of its marketplace; as for a hospitalCard.
type marketCard struct {
	Certificate ledger.Hash `json:"certificate"` // SHA-256 of the one that it shows hospitals
	Network     network     `json:"network"`
}

func (c hospitalCard) check() error {
	if c.Hospital == "" || c.Dataset == "" || len(c.Dataset) > 64 || c.Address.IsZero() || c.Certificate.IsZero() {
		return errors.New("hospital, dataset (at most 64 bytes), address and certificate are required")
	}
	if _, _, err := net.SplitHostPort(c.Endpoint); err != nil {
		return err
	}
	digest, err := c.digest()
	if err != nil {
		return err
	}
	if signer, err := ledger.Recover(digest, c.Signature); err != nil || signer != c.Address {
		return fmt.Errorf("it is not signed by the key of %s, or was changed since", c.Address)
	}
	return nil
}

func (c marketCard) check() error {
	t := c.Network.Trust
	if c.Certificate.IsZero() || t.Genesis.IsZero() || len(t.Marketplaces) == 0 || c.Network.Contracts.Registry.IsZero() {
		return errors.New("certificate and network are required")
	}
	return nil
}

func readHospitalCard(file string) (card hospitalCard, err error) {
	if err = readJSON(file, &card); err == nil {
		err = card.check()
	}
	if err != nil {
		return card, fmt.Errorf("%s is no card of a hospital: %w", file, err)
	}
	return card, nil
}

// readHospitalCards reads cards of hospitals that differ in dataset and key.
func readHospitalCards(files []string) (cards []hospitalCard, err error) {
	taken := map[any]string{}
	for _, file := range files {
		card, err := readHospitalCard(file)
		if err != nil {
			return nil, err
		}
		for _, own := range []any{card.Dataset, card.Address} {
			if other, ok := taken[own]; ok {
				return nil, fmt.Errorf("%s and %s both have %v", other, file, own)
			}
			taken[own] = file
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// held is a hospital's node that is held to its card: whatever it says of itself must be what stands there.
type held struct {
	marketplace.Hospital
	card hospitalCard
}

// Describe implements [marketplace.Hospital]; a node that is another than its card says counts as one that is not there.
func (h held) Describe(ctx context.Context) (provider.Description, error) {
	d, err := h.Hospital.Describe(ctx)
	if err != nil {
		return d, err
	}
	if d.Provider != h.card.Address || d.Metadata.Dataset != h.card.Dataset || d.Organisation != organisation(h.card.Hospital) {
		return provider.Description{}, fmt.Errorf("%w: the node at %s is not the one in the card of %s", marketplace.ErrUnavailable, h.card.Endpoint, h.card.Hospital)
	}
	return d, nil
}

func readMarketCard(file string) (card marketCard, err error) {
	if err = readJSON(file, &card); err == nil {
		err = card.check()
	}
	if err != nil {
		return card, fmt.Errorf("%s is no card of a marketplace: %w", file, err)
	}
	return card, nil
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// ownNode wants a node that nobody between can speak for.
func ownNode(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return err
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http" || u.Port() == "":
		return fmt.Errorf("%s: want http://host:port of a node on this machine, or https://", endpoint)
	}
	return loopback(u.Host)
}

type marketCommand struct {
	Card marketCardCommand `cmd:"" help:"Print the card of a marketplace, which 'medmarket provider run' needs. It must reach the hospital over a trusted way."`
}

type marketCardCommand struct {
	Dir string `help:"Folder of 'medmarket serve', which has run there." default:"medmarket-data" type:"path" env:"MEDMARKET_DIR"`
}

func (c *marketCardCommand) Run(e *env) error {
	n, err := readNetwork(filepath.Join(c.Dir, "network.json"))
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(filepath.Join(c.Dir, "keys", "marketplace.pem"))
	if err != nil {
		return err
	}
	id, err := providerrpc.ParseIdentity(pem)
	if err != nil {
		return err
	}
	return printJSON(e.stdout, marketCard{Certificate: id.Fingerprint(), Network: n})
}
