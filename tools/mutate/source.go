package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
)

// switches is what instrumented sources call.
const switches = `

import (
	"cmp"
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("MUTANT"))

func mutantFlip(n int, is bool) bool { return is != (mutant == n) }

func mutantLess[T cmp.Ordered](n int, a, b T) bool     { return a < b || mutant == n && a == b }
func mutantLessOr[T cmp.Ordered](n int, a, b T) bool   { return a < b || mutant != n && a == b }
func mutantMore[T cmp.Ordered](n int, a, b T) bool     { return mutantLess(n, b, a) }
func mutantMoreOr[T cmp.Ordered](n int, a, b T) bool   { return mutantLessOr(n, b, a) }

func mutantAnd(n int, a, b func() bool) bool {
	switch mutant {
	case n:
		return a() || b()
	case n + 1:
		return b()
	case n + 2:
		return a()
	}
	return a() && b()
}

func mutantOr(n int, a, b func() bool) bool {
	switch mutant {
	case n:
		return a() && b()
	case n + 1:
		return b()
	case n + 2:
		return a()
	}
	return a() || b()
}
`

// source is a file and its mutants.
type source struct {
	file, name string // path in the module; package
	content    []byte
	fset       *token.FileSet
	edits      []edit
	switched   []string // what each changes
	built      []built
}

// built is a mutant that takes a build of its own.
type built struct {
	what    string
	content []byte
}

// edit puts text in the place of so many bytes.
type edit struct {
	at, bytes int
	closes    bool // it ends what was begun before
	mutant    int  // number in its source, of the first that it is for; 0: of none
	text      string
}

// calls are what comparisons become.
var calls = map[token.Token]string{token.LSS: "mutantLess", token.LEQ: "mutantLessOr", token.GTR: "mutantMore", token.GEQ: "mutantMoreOr"}

func parse(root, file string) (*source, error) {
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	s := &source{file: file, content: content, fset: token.NewFileSet()}
	tree, err := parser.ParseFile(s.fset, file, content, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s.name = tree.Name.Name
	ast.Inspect(tree, func(n ast.Node) bool {
		s.see(n)
		return true
	})
	ast.Inspect(tree, func(n ast.Node) bool {
		err = cmp.Or(err, s.rebuild(tree, n))
		return true
	})
	return s, err
}

// see makes the mutants of a node that can be switched.
func (s *source) see(n ast.Node) {
	switch x := n.(type) {
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			name := map[token.Token]string{token.LAND: "mutantAnd", token.LOR: "mutantOr"}[x.Op]
			s.wrap(x, name, "func() bool { return (", ") }", x.Op.String()+" becomes the other")
			s.replace(x, ") }, func() bool { return (")
			s.mutant(x.X, "left of "+x.Op.String()+" goes")
			s.mutant(x.Y, "right of "+x.Op.String()+" goes")
		case token.EQL, token.NEQ:
			s.wrap(x, "mutantFlip", "", "", x.Op.String()+" becomes the other")
		case token.LSS, token.LEQ, token.GTR, token.GEQ:
			s.wrap(x, calls[x.Op], "", "", x.Op.String()+" at equality")
			s.replace(x, ",")
		}
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			s.wrap(x, "mutantFlip", "", "", "! goes")
		}
	case *ast.Ident:
		if x.Name == "true" || x.Name == "false" {
			s.wrap(x, "mutantFlip", "", "", x.Name+" turns")
		}
	}
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

func (s *source) what(n ast.Node, words string) string {
	at := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d:%d %s", s.file, at.Line, at.Column, words)
}

func (s *source) mutant(n ast.Node, words string) { s.switched = append(s.switched, s.what(n, words)) }

// wrap has a function called instead of an expression.
func (s *source) wrap(x ast.Expr, function, first, last, words string) {
	s.mutant(x, words)
	s.edits = append(s.edits,
		edit{at: s.offset(x.Pos()), mutant: len(s.switched), text: function + "(%d, " + first},
		edit{at: s.offset(x.End()), closes: true, text: last + ")"})
}

// replace puts text in the place of an operator.
func (s *source) replace(x *ast.BinaryExpr, text string) {
	s.edits = append(s.edits, edit{at: s.offset(x.OpPos), bytes: len(x.Op.String()), text: text})
}

// instrumented is the source with all that can be switched; its mutants are numbered from after.
func (s *source) instrumented(after int) []byte {
	edits := slices.Clone(s.edits)
	for i := range edits {
		if edits[i].mutant > 0 {
			edits[i].text = fmt.Sprintf(edits[i].text, after+edits[i].mutant)
		}
	}
	// What is seen first is outside: at one place it begins first and ends last.
	rank := map[bool]int{true: 0, false: 1}
	order := make([]int, len(edits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := edits[a], edits[b]
		inside := cmp.Compare(a, b)
		if x.closes {
			inside = -inside
		}
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(rank[x.closes], rank[y.closes]), inside)
	})
	var out bytes.Buffer
	at := 0
	for _, i := range order {
		e := edits[i]
		out.Write(s.content[at:e.at])
		out.WriteString(e.text)
		at = e.at + e.bytes
	}
	out.Write(s.content[at:])
	return out.Bytes()
}

// rebuild makes the mutants of a node that take a build.
func (s *source) rebuild(tree *ast.File, n ast.Node) error {
	add := func(words string) error {
		var b bytes.Buffer
		if err := format.Node(&b, s.fset, tree); err != nil {
			return err
		}
		s.built = append(s.built, built{s.what(n, words), b.Bytes()})
		return nil
	}
	swaps := map[token.Token]token.Token{token.ADD: token.SUB, token.SUB: token.ADD}
	switch x := n.(type) {
	case *ast.BinaryExpr:
		if was, swapped := x.Op, swaps[x.Op]; swapped != token.ILLEGAL {
			x.Op = swapped
			err := add(was.String() + " becomes the other")
			x.Op = was
			return err
		}
	case *ast.BasicLit:
		if was := x.Value; x.Kind == token.INT {
			x.Value = "(" + was + "+1)"
			err := add(was + " grows by one")
			x.Value = was
			return err
		}
	}
	return nil
}
