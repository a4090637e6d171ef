package pages

import (
	"net/http"
	"strconv"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Entries of a page.
const (
	queriesAPage = 50
	studiesAPage = 20
	newStudies   = 5 // on the front page
)

// registerPage is the front page, or the part of a study's.
type registerPage struct {
	Log     ledger.Hash
	Studies []marketplace.RegisteredStudy
	queries
}

// queries is one page of answered questions.
type queries struct {
	Anchor  *marketplace.Anchor // the newest; nil while nothing is anchored
	Titles  titles              // of every dataset on the page
	Names   organisations
	Queries []query
	Older   uint64 // where the next page goes on; 0: nowhere
}

type query struct {
	marketplace.Registered
	Words    string // the question
	Anchored bool
}

type studiesPage struct {
	Titles  titles
	Studies []marketplace.RegisteredStudy
	Older   *ledger.Hash
}

type studyPage struct {
	marketplace.RegisteredStudy
	Final bool
	Whose map[string]string // organisations of its people, by address
	queries
}

func (p *pages) register(r *http.Request) (view, error) {
	v := registerPage{Log: p.cfg.Market.Log()}
	var err error
	if v.Studies, _, err = p.cfg.Market.RegisteredStudies(r.Context(), ledger.Hash{}, newStudies); err != nil {
		return view{}, err
	}
	v.queries, err = p.queries(r, ledger.Hash{}, v.Studies...)
	return view{Template: "register.html", Title: "Register of studies and questions", Data: v}, err
}

func (p *pages) studies(r *http.Request) (view, error) {
	var before ledger.Hash
	if text := r.URL.Query().Get("before"); text != "" {
		var err error
		if before, err = ledger.ParseHash(text); err != nil {
			return view{}, errNotFound
		}
	}
	studies, next, err := p.cfg.Market.RegisteredStudies(r.Context(), before, studiesAPage)
	if err != nil {
		return view{}, err
	}
	v := studiesPage{Titles: p.titles(datasetsOf(studies...)...), Studies: studies}
	if !next.IsZero() {
		v.Older = &next
	}
	return view{Template: "studies.html", Title: "Studies", Data: v}, nil
}

func (p *pages) study(r *http.Request) (view, error) {
	id, err := ledger.ParseHash(r.PathValue("id"))
	if err != nil {
		return view{}, errNotFound
	}
	v := studyPage{}
	if v.RegisteredStudy, v.Final, err = p.cfg.Market.RegisteredStudy(r.Context(), id); err != nil {
		return view{}, err
	}
	if v.queries, err = p.queries(r, id, v.RegisteredStudy); err != nil {
		return view{}, err
	}
	v.Whose = p.whose(r.Context(), v.Names, append([]string{v.Grant.Committee}, v.Grant.Researchers...)...)
	return view{Template: "study.html", Title: "Study: " + v.Grant.Protocol, Data: v}, nil
}

// datasetsOf are the datasets of studies.
func datasetsOf(studies ...marketplace.RegisteredStudy) (datasets []string) {
	for _, s := range studies {
		for _, d := range s.Grant.Datasets {
			datasets = append(datasets, d.Dataset)
		}
	}
	return datasets
}

// queries reads the page of answered questions that r asks for, beside the studies that are shown with them.
func (p *pages) queries(r *http.Request, study ledger.Hash, shown ...marketplace.RegisteredStudy) (q queries, err error) {
	before, err := cursor(r)
	if err != nil {
		return q, err
	}
	list, err := p.cfg.Market.RegisteredQueries(r.Context(), marketplace.Page{Grant: study, Before: before, Limit: queriesAPage})
	if err != nil {
		return q, err
	}
	anchor, found, err := p.cfg.Market.NewestAnchor(r.Context())
	if err != nil {
		return q, err
	}
	if found {
		q.Anchor = &anchor
	}
	asked, datasets := make([]dp.Query, len(list)), datasetsOf(shown...)
	for i, registered := range list {
		asked[i] = registered.Question.Query
		datasets = append(datasets, asked[i].Dataset)
	}
	q.Titles, q.Names = p.titles(datasets...), p.organisations(datasets...)
	names := p.names(r.Context(), asked...)
	for _, registered := range list {
		q.Queries = append(q.Queries, query{registered, question(registered.Question, names), registered.Index < anchor.Size})
	}
	if len(list) == queriesAPage {
		q.Older = list[queriesAPage-1].Index
	}
	return q, nil
}

// cursor reads where a page goes on.
func cursor(r *http.Request) (uint64, error) {
	s := r.URL.Query().Get("before")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return n, nil
}
