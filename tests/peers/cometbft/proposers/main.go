// Writes tests/vectors/proposers.json: who proposes by CometBFT's own rotation.
// Run: go run ./proposers > ../../vectors/proposers.json
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
)

const heights = 120

type answer struct {
	Powers     []int64 `json:"powers"`
	Proposers  []int   `json:"proposers"`
	Priorities []int64 `json:"priorities"`
}

// The key of validator i is that of the seed SHA-256("proposer <i>").
func key(i int) ed25519.PubKey {
	seed := sha256.Sum256([]byte(fmt.Sprintf("proposer %d", i)))
	return ed25519.GenPrivKeyFromSecret(seed[:]).PubKey().(ed25519.PubKey)
}

func main() {
	answers := []answer{}
	keys := []string{}
	for i := 0; i < 7; i++ {
		keys = append(keys, fmt.Sprintf("%x", key(i).Bytes()))
	}
	for _, powers := range [][]int64{{10, 10, 10, 10}, {1, 7, 10, 40}, {1}, {5, 3}, {1000, 1, 1, 1, 1, 1, 1}, {3, 3, 2, 2, 2, 1, 9}} {
		validators := []*types.Validator{}
		for i, power := range powers {
			validators = append(validators, types.NewValidator(key(i), power))
		}
		set := types.NewValidatorSet(validators)
		out := answer{Powers: powers}
		for height := 0; height < heights; height++ {
			for i := range powers {
				if bytes.Equal(key(i).Address(), set.GetProposer().Address) {
					out.Proposers = append(out.Proposers, i)
				}
			}
			set = set.CopyIncrementProposerPriority(1)
		}
		for i := range powers {
			_, validator := set.GetByAddress(key(i).Address())
			out.Priorities = append(out.Priorities, validator.ProposerPriority)
		}
		answers = append(answers, out)
	}
	err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"source":  "github.com/cometbft/cometbft v0.38.17, written by tests/peers/cometbft",
		"keys":    keys,
		"answers": answers,
	})
	if err != nil {
		panic(err)
	}
}
