package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

type mutantNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutantPlus[T mutantNumber](n int, a, b T) T {
	if mutant == n {
		return a - b
	}
	return a + b
}

func mutantMinus[T mutantNumber](n int, a, b T) T {
	if mutant == n {
		return a + b
	}
	return a - b
}

func mutantGrow[T mutantNumber](n int, is T) T {
	if mutant == n {
		return is + 1
	}
	return is
}

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
	types      map[ast.Expr]types.TypeAndValue // but of what must be constant
	settled    map[ast.Node]bool               // sums and numbers that take no build
	switched   []string                        // what each changes
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

// calls are what comparisons and sums become.
var calls = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantLessOr", token.GTR: "mutantMore", token.GEQ: "mutantMoreOr",
	token.ADD: "mutantPlus", token.SUB: "mutantMinus",
}

// exports are the files of what is exported by all that the files' packages import, by path.
func exports(root string, files []string) (map[string]string, error) {
	list := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, file := range files {
		list = append(list, "./"+filepath.Dir(file))
	}
	c := exec.Command("go", list...)
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exported := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, export, _ := strings.Cut(strings.TrimSpace(line), " ")
		exported[path] = export
	}
	return exported, nil
}

func parse(root, file string, exported map[string]string) (*source, error) {
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	s := &source{
		file: file, content: content, fset: token.NewFileSet(), types: map[ast.Expr]types.TypeAndValue{}, settled: map[ast.Node]bool{},
	}
	tree, err := parser.ParseFile(s.fset, file, content, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s.name = tree.Name.Name
	if err := s.check(root, tree, exported); err != nil {
		return nil, err
	}
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

// check finds the types, for which it takes the whole package.
func (s *source) check(root string, tree *ast.File, exported map[string]string) error {
	files := []*ast.File{tree}
	names, err := filepath.Glob(filepath.Join(root, filepath.Dir(s.file), "*.go"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == filepath.Base(s.file) {
			continue
		}
		other, err := parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, other)
	}
	packages := importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exported[path]) })
	_, err = (&types.Config{Importer: packages}).Check(s.name, s.fset, files, &types.Info{Types: s.types})
	return err
}

// number is the type of a number, as the source would write it; empty where it is none, or must be constant.
func (s *source) number(x ast.Expr) string {
	t := s.types[x].Type
	if t == nil {
		return ""
	}
	if basic, ok := types.Default(t).Underlying().(*types.Basic); !ok || basic.Info()&types.IsNumeric == 0 {
		return ""
	}
	return types.TypeString(types.Default(t), func(p *types.Package) string {
		if p.Name() == s.name {
			return ""
		}
		return p.Name()
	})
}

// see makes the mutants of a node that can be switched.
func (s *source) see(n ast.Node) {
	switch x := n.(type) {
	case *ast.GenDecl:
		if x.Tok == token.CONST {
			s.constant(x)
		}
	case *ast.ArrayType:
		if x.Len != nil {
			s.constant(x.Len)
		}
	case *ast.BasicLit:
		if t := s.number(x); t != "" && x.Kind == token.INT {
			s.wrap(x, "mutantGrow["+t+"]", "", "", x.Value+" grows by one")
			s.settled[x] = true
		}
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
		case token.ADD, token.SUB:
			s.seeSum(x)
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

// seeSum leaves those to a build that are constant; of texts, nothing can be changed.
func (s *source) seeSum(x *ast.BinaryExpr) {
	is, t := s.types[x], s.number(x)
	switch {
	case t != "" && is.Value == nil:
		s.wrap(x, calls[x.Op]+"["+t+"]", "", "", x.Op.String()+" becomes the other")
		s.replace(x, ",")
		s.settled[x] = true
	case t == "" && is.Type != nil:
		s.settled[x] = true
	}
}

// constant has nothing in a node switched.
func (s *source) constant(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			delete(s.types, x)
		}
		return true
	})
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
	if s.settled[n] {
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
