// Command mutate changes Go files one token at a time and says which changes no test notices.
//
//	mutate -root .. -tests ./policy/... policy/rules.go policy/modifier.go
//
// A mutant that does not compile is not counted: it proves nothing about the tests. The tree is not touched; each mutant
// is an overlay of the go command.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// swaps are what an operator becomes.
var swaps = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR, token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LAND: token.LOR, token.LOR: token.LAND, token.ADD: token.SUB, token.SUB: token.ADD,
}

func main() {
	root := flag.String("root", ".", "the module")
	tests := flag.String("tests", "./...", "packages whose tests must notice")
	patience := flag.Duration("timeout", 2*time.Minute, "a mutant that takes longer is noticed")
	flag.Parse()
	if err := run(*root, *tests, *patience, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

type count struct{ killed, survived, broken int }

func run(root, tests string, patience time.Duration, files []string) error {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var n count
	for _, file := range files {
		for i := 0; ; i++ {
			source, what, err := mutant(filepath.Join(root, file), i)
			if err != nil {
				return err
			}
			if source == nil {
				break
			}
			if err := n.try(root, dir, file, tests, patience, source, what); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d of %d mutants that compile were noticed; %d did not compile\n", n.killed, n.killed+n.survived, n.broken)
	return nil
}

// mutant is the file with its i-th change, and the change; nil when there are no more.
func mutant(file string, i int) (source []byte, what string, err error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
	if err != nil {
		return nil, "", err
	}
	seen := 0
	change := func(at token.Pos, words string, do func()) {
		if seen == i {
			do()
			what = fmt.Sprintf("%s:%d %s", file, fset.Position(at).Line, words)
		}
		seen++
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BinaryExpr:
			if to, ok := swaps[x.Op]; ok {
				change(x.OpPos, x.Op.String()+" becomes "+to.String(), func() { x.Op = to })
			}
			if x.Op == token.LAND || x.Op == token.LOR { // leave one side out
				neutral := ast.NewIdent(fmt.Sprint(x.Op == token.LAND))
				change(x.X.Pos(), "left of "+x.Op.String()+" goes", func() { x.X = neutral })
				change(x.Y.Pos(), "right of "+x.Op.String()+" goes", func() { x.Y = neutral })
			}
		case *ast.UnaryExpr:
			if x.Op == token.NOT {
				change(x.OpPos, "! goes", func() { x.X = &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: x.X}} })
			}
		case *ast.Ident:
			if x.Name == "true" || x.Name == "false" {
				change(x.Pos(), x.Name+" turns", func() { x.Name = map[string]string{"true": "false", "false": "true"}[x.Name] })
			}
		case *ast.BasicLit:
			if x.Kind == token.INT {
				change(x.Pos(), x.Value+" grows by one", func() { x.Value = "(" + x.Value + "+1)" })
			}
		}
		return true
	})
	if what == "" {
		return nil, "", nil
	}
	var b bytes.Buffer
	err = format.Node(&b, fset, tree)
	return b.Bytes(), what, err
}

func (n *count) try(root, dir, file, tests string, patience time.Duration, source []byte, what string) error {
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	absolute, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		return err
	}
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{absolute: changed}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(changed, source, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(overlay, replaced, 0o600); err != nil {
		return err
	}
	goes := func(args ...string) bool {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c := exec.CommandContext(ctx, "go", args...)
		c.Dir = root
		return c.Run() == nil
	}
	switch {
	case !goes("build", "-overlay", overlay, "./"+filepath.Dir(file)):
		n.broken++
	case goes("test", "-short", "-failfast", "-overlay", overlay, tests):
		n.survived++
		fmt.Println("survived:", what)
	default:
		n.killed++
	}
	return nil
}
