// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contracts

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// RegistryFirstSigner is an auto generated low-level Go binding around an user-defined struct.
type RegistryFirstSigner struct {
	Account      common.Address
	Organisation [32]byte
}

// RegistryParticipant is an auto generated low-level Go binding around an user-defined struct.
type RegistryParticipant struct {
	Roles        uint32
	Organisation [32]byte
}

// SignersCheckpointVote is an auto generated low-level Go binding around an user-defined struct.
type SignersCheckpointVote struct {
	SourceNumber uint64
	SourceHash   [32]byte
	TargetNumber uint64
	TargetHash   [32]byte
}

// RegistryMetaData contains all meta data concerning the Registry contract.
var RegistryMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"address\",\"name\":\"operator\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"genesis\",\"type\":\"bytes32\"},{\"components\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"internalType\":\"structRegistry.FirstSigner[]\",\"name\":\"firstSigners\",\"type\":\"tuple[]\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"approvals\",\"type\":\"uint8\"}],\"name\":\"BadApprovals\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"}],\"name\":\"BadRoles\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"first\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"second\",\"type\":\"address\"}],\"name\":\"DifferentVoters\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"ForgedRotation\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"IsSigner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"LastSigner\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"MalformedSignature\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoConflict\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotNew\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"caller\",\"type\":\"address\"}],\"name\":\"NotOperator\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotProvider\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotRegistered\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotSigner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"Offender\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"OwnOperatorRole\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"Retired\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"TooManySigners\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroValue\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint8\",\"name\":\"approvals\",\"type\":\"uint8\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"ApprovalsSet\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"voter\",\"type\":\"address\"}],\"name\":\"OffenderRemoved\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"Registered\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"Removed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"next\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"Rotated\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"SignerAdded\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"SignerRemoved\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"bool\",\"name\":\"member\",\"type\":\"bool\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"SignerVoted\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"MAX_APPROVALS\",\"outputs\":[{\"internalType\":\"uint8\",\"name\":\"\",\"type\":\"uint8\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MAX_SIGNERS\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"name\":\"approvalsOf\",\"outputs\":[{\"internalType\":\"uint8\",\"name\":\"\",\"type\":\"uint8\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"currentOf\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"genesisHash\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"}],\"name\":\"holds\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"identityOf\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"isSigner\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"offended\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"participant\",\"outputs\":[{\"components\":[{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"internalType\":\"structRegistry.Participant\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"name\":\"register\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"remove\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"sourceNumber\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"sourceHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"targetNumber\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"targetHash\",\"type\":\"bytes32\"}],\"internalType\":\"structSigners.CheckpointVote\",\"name\":\"first\",\"type\":\"tuple\"},{\"internalType\":\"bytes\",\"name\":\"firstSignature\",\"type\":\"bytes\"},{\"components\":[{\"internalType\":\"uint64\",\"name\":\"sourceNumber\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"sourceHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"targetNumber\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"targetHash\",\"type\":\"bytes32\"}],\"internalType\":\"structSigners.CheckpointVote\",\"name\":\"second\",\"type\":\"tuple\"},{\"internalType\":\"bytes\",\"name\":\"secondSignature\",\"type\":\"bytes\"}],\"name\":\"removeOffender\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"next\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"acceptance\",\"type\":\"bytes\"}],\"name\":\"replace\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"next\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"acceptance\",\"type\":\"bytes\"}],\"name\":\"rotate\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"next\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"signature\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"acceptance\",\"type\":\"bytes\"}],\"name\":\"rotateSigned\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"uint8\",\"name\":\"approvals\",\"type\":\"uint8\"}],\"name\":\"setApprovals\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"signers\",\"outputs\":[{\"internalType\":\"address[]\",\"name\":\"\",\"type\":\"address[]\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"threshold\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"bool\",\"name\":\"member\",\"type\":\"bool\"}],\"name\":\"voteSigner\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Registry",
	Bin: "0x60c060405234801561000f575f5ffd5b5060405161274338038061274383398101604081905261002e91610437565b604080517fc2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e60208201527f41c6be6c542c86c5d4ad0471bc7d3801d85a48737393d1ff000dbb1e1bc8d142918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc66060820152466080820152829060a00160408051601f1981840301815291905280516020909101206080525f8190036100ed57604051637c946ed760e01b815260040160405180910390fd5b60a0526100fc8460208561019a565b5f5b8151811015610190575f82828151811061011a5761011a610532565b602090810291909101810151516001600160a01b0381165f9081526005909252604090912054845191925061017e91839163ffffffff166004179086908690811061016757610167610532565b60200260200101516020015161019a60201b60201c565b6101878161029e565b506001016100fe565b505050505061056a565b6001600160a01b038316158015906101b157508015155b6101ce57604051637c946ed760e01b815260040160405180910390fd5b63ffffffff8216158015906101e95750604063ffffffff8316105b829061021657604051637e4b19d160e11b815263ffffffff90911660048201526024015b60405180910390fd5b5060408051808201825263ffffffff84811680835260208084018681526001600160a01b0389165f818152600584528790209551865463ffffffff19169516949094178555516001909401939093559251928352339284927fd0a5e541712fadecc849d0b695ba3e24f3b7cc509f947e189f2f61da24d3d615910160405180910390a4505050565b6001600160a01b0381165f908152600260205260409020548190156102e2576040516303f2c3ff60e61b81526001600160a01b03909116600482015260240161020d565b5060015460401161030657604051630dc92ed360e11b815260040160405180910390fd5b6001805480820182557fb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf60180546001600160a01b0319166001600160a01b03841690811790915590545f9182526002602090815260408084209290925560039052812080549161037583610546565b90915550506040516001600160a01b038216907f47d1c22a25bb3a5d4e481b9b1e6944c2eade3181a0a20b495ed61d35b5323f24905f90a250565b80516001600160a01b03811681146103c6575f5ffd5b919050565b634e487b7160e01b5f52604160045260245ffd5b604080519081016001600160401b0381118282101715610401576104016103cb565b60405290565b604051601f8201601f191681016001600160401b038111828210171561042f5761042f6103cb565b604052919050565b5f5f5f5f6080858703121561044a575f5ffd5b610453856103b0565b60208601516040870151606088015192965090945092506001600160401b0381111561047d575f5ffd5b8501601f8101871361048d575f5ffd5b80516001600160401b038111156104a6576104a66103cb565b6104b560208260051b01610407565b8082825260208201915060208360061b8501019250898311156104d6575f5ffd5b6020840193505b82841015610524576040848b0312156104f4575f5ffd5b6104fc6103df565b610505856103b0565b81526020858101518183015290835260409094019391909101906104dd565b969995985093965050505050565b634e487b7160e01b5f52603260045260245ffd5b5f6001820161056357634e487b7160e01b5f52601160045260245ffd5b5060010190565b60805160a0516121aa6105995f395f818161033e01528181610fdf015261175301525f6118ac01526121aa5ff3fe608060405234801561000f575f5ffd5b5060043610610163575f3560e01c806378f837ac116100c7578063ab4f43551161007d578063c634562611610063578063c63456261461037b578063ea330ffd1461038e578063f25a5dd5146103a1575f5ffd5b8063ab4f435514610360578063beb5479514610373575f5ffd5b806384304de0116100ad57806384304de01461031357806390cc03f91461032657806394391a6d14610339575f5ffd5b806378f837ac146102b75780637df73e27146102e9575f5ffd5b8063304803cd1161011c57806346f0975a1161010257806346f0975a146102875780634ac9c34f1461029c57806359ecd657146102af575f5ffd5b8063304803cd1461024c57806342cde4e814610271575f5ffd5b80632605b3c71161014c5780632605b3c7146101ac578063276b8e921461022657806329092d0e14610239575f5ffd5b80630786cc7b146101675780630dfffc2514610197575b5f5ffd5b61017a610175366004611c85565b6103b4565b6040516001600160a01b0390911681526020015b60405180910390f35b6101aa6101a5366004611cb1565b6103f2565b005b6102056101ba366004611c85565b604080518082019091525f8082526020820152506001600160a01b03165f908152600560209081526040918290208251808401909352805463ffffffff168352600101549082015290565b60408051825163ffffffff168152602092830151928101929092520161018e565b6101aa610234366004611d30565b61052c565b6101aa610247366004611c85565b610587565b61025f61025a366004611dc0565b6106fa565b60405160ff909116815260200161018e565b610279610721565b60405190815260200161018e565b61028f61074e565b60405161018e9190611dd7565b6101aa6102aa366004611e22565b6107ae565b610279604081565b6102d96102c5366004611c85565b5f6020819052908152604090205460ff1681565b604051901515815260200161018e565b6102d96102f7366004611c85565b6001600160a01b03165f90815260026020526040902054151590565b6101aa610321366004611e71565b6107f6565b6101aa610334366004611ea4565b610904565b6102797f000000000000000000000000000000000000000000000000000000000000000081565b6101aa61036e366004611ee8565b610b33565b61025f601081565b61017a610389366004611c85565b610ceb565b6101aa61039c366004611f5f565b610d1a565b6102d96103af366004611fbc565b610dcc565b5f5f6103bf83610ceb565b6001600160a01b038082165f908152600760205260409020549192501680156103e857806103ea565b815b949350505050565b6103fa610df5565b6001600160a01b0383163314158061041457506020821615155b61044a576040517f2bd9457800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826001600160a01b031661045d846103b4565b6001600160a01b03161483906104b0576040517fda9d2e310000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024015b60405180910390fd5b50600482161515806104d757506001600160a01b0383165f90815260026020526040902054155b839061051b576040517ffcb0ffc00000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b50610527838383610e4d565b505050565b6105398687878787610f99565b6105458686848461108f565b6040516001600160a01b03808816919087169082907fe83f1a74f94ae49ac82fa0b3d78a7336ab556974c998e258394835beba68dd4a905f90a4505050505050565b61058f610df5565b336001600160a01b038216036105d1576040517f2bd9457800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001600160a01b0381165f90815260056020526040902054819063ffffffff16610633576040517fbfc6c3370000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b0381165f90815260026020526040902054819015610691576040517ffcb0ffc00000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b0381165f8181526005602052604080822080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000169055513392917f40e634d0e26d9ec2e860e4dd9b7b2cfbb569b6058362a1a54d3a94718bc4958791a350565b5f8181526008602052604081205460ff168015610717578061071a565b60015b9392505050565b6001545f9060039061073490600261201a565b61073e9190612031565b610749906001612069565b905090565b606060018054806020026020016040519081016040528092919081815260200182805480156107a457602002820191905f5260205f20905b81546001600160a01b03168152600190910190602001808311610786575b5050505050905090565b6107ba3384848461108f565b60405133906001600160a01b0385169082907fe83f1a74f94ae49ac82fa0b3d78a7336ab556974c998e258394835beba68dd4a905f90a4505050565b6107fe610df5565b5f829003610838576040517f7c946ed700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b60ff81161580159061084e5750601060ff821611155b819061088c576040517f9575355d00000000000000000000000000000000000000000000000000000000815260ff90911660048201526024016104a7565b505f8281526008602090815260409182902080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660ff85169081179091559151918252339184917f964ea9062f7a46013cb06deaeb559f49543d3172b5e7b798fa8fd8b45f14e935910160405180910390a35050565b335f81815260026020526040902054610955576040517f2a6edb2b0000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b0382165f9081526002602052604081205415151515821515141590508180156109835750805b15610a4c576001600160a01b0383165f90815260056020526040902054600416151583906109e9576040517f1bd2224f0000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b0383165f90815260208190526040902054839060ff1615610a4a576040517f76e073990000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b505b6001600160a01b0383165f9081526003602052604090205481610a6f575f610a7f565b335f908152600360205260409020545b6001600160a01b0385165f81815260046020908152604080832086845282528083203380855292529182902093909355517f01d63daca19399838f59d54c4bd16d98aacb656f11f03d27ec2e01a8b3f16bf690610ae190871515815260200190565b60405180910390a3811580610b055750610af9610721565b610b038583611318565b105b15610b105750505050565b8215610b2457610b1f846113a3565b610b2d565b610b2d846114ff565b50505050565b5f610b47610b40886116d8565b8787611797565b90505f610b5d610b56866116d8565b8585611797565b905081816001600160a01b0382811690821614610bb9576040517ffc18ce380000000000000000000000000000000000000000000000000000000081526001600160a01b039283166004820152911660248201526044016104a7565b5050610bc588866119f2565b610bfb576040517f7412124e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f610c05836103b4565b9050610c27816001600160a01b03165f90815260026020526040902054151590565b8190610c6b576040517f2a6edb2b0000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b038082165f8181526020819052604080822080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600117905551928616927fe08594c2ec1046abe02113ebccb20c023d42b908a55d9667370e0f64a9d1e5369190a3610ce0816114ff565b505050505050505050565b6001600160a01b038082165f908152600660205260408120549091168015610d13578061071a565b5090919050565b610d22610df5565b6001600160a01b0384165f90815260026020526040902054849015610d7f576040517ffcb0ffc00000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b50610d8c8484848461108f565b60405133906001600160a01b0385811691908716907fe83f1a74f94ae49ac82fa0b3d78a7336ab556974c998e258394835beba68dd4a905f90a450505050565b6001600160a01b0382165f90815260056020526040902054811663ffffffff1615155b92915050565b335f8181526005602090815260409091205416610e4a576040517f76c6c93a0000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b50565b6001600160a01b03831615801590610e6457508015155b610e9a576040517f7c946ed700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b63ffffffff821615801590610eb55750604063ffffffff8316105b8290610ef6576040517ffc9633a200000000000000000000000000000000000000000000000000000000815263ffffffff90911660048201526024016104a7565b5060408051808201825263ffffffff84811680835260208084018681526001600160a01b0389165f81815260058452879020955186547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000169516949094178555516001909401939093559251928352339284927fd0a5e541712fadecc849d0b695ba3e24f3b7cc509f947e189f2f61da24d3d615910160405180910390a4505050565b604080517f8fa00ef59cdc68e90e88911e3d7365c7a581d137137eca76a974ac472f5ce1f360208201526001600160a01b038087169282019290925290841660608201527f000000000000000000000000000000000000000000000000000000000000000060808201525f906110299060a001604051602081830303815290604052805190602001208484611797565b905085816001600160a01b0380821690831614611085576040517f05dee6440000000000000000000000000000000000000000000000000000000081526001600160a01b039283166004820152911660248201526044016104a7565b5050505050505050565b6001600160a01b0384165f908152600560209081526040918290208251808401909352805463ffffffff1680845260019091015491830191909152859061110e576040517fbfc6c3370000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b03841661114f576040517f7c946ed700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001600160a01b0384165f908152600560205260409020600101548490156111af576040517fa54e81b80000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506111bd8486868686610f99565b6001600160a01b038086165f90815260056020908152604080832080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000908116909155938816835282208451815463ffffffff9190911694169390931783558301516001929092019190915561123386610ceb565b6001600160a01b038087165f81815260066020908152604080832080548688167fffffffffffffffffffffffff00000000000000000000000000000000000000009182168117909255908452600783528184208054909116909417909355928a1681529182905290205490915060ff16156112e9576001600160a01b0385165f90815260208190526040902080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660011790555b6001600160a01b0386165f9081526002602052604090205415611310576113108686611b2b565b505050505050565b5f5f5b60015481101561139c575f600182815481106113395761133961207c565b5f9182526020808320909101546001600160a01b0390811680845260038352604080852054928a168552600484528085208986528452808520828652909352919092205490925003611393578261138f816120a9565b9350505b5060010161131b565b5092915050565b6001600160a01b0381165f90815260026020526040902054819015611400576040517ffcb0ffc00000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b5060015460401161143d576040517f1b925da600000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001805480820182557fb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf60180547fffffffffffffffffffffffff0000000000000000000000000000000000000000166001600160a01b03841690811790915590545f918252600260209081526040808420929092556003905281208054916114c4836120a9565b90915550506040516001600160a01b038216907f47d1c22a25bb3a5d4e481b9b1e6944c2eade3181a0a20b495ed61d35b5323f24905f90a250565b60018054908290821161154a576040517f63e929b20000000000000000000000000000000000000000000000000000000081526001600160a01b0390911660048201526024016104a7565b506001600160a01b0382165f9081526002602052604081205490600161157081856120e0565b815481106115805761158061207c565b5f918252602090912001546001600160a01b031690508060016115a381856120e0565b815481106115b3576115b361207c565b5f91825260208083209190910180547fffffffffffffffffffffffff0000000000000000000000000000000000000000166001600160a01b0394851617905591831681526002909152604090208290556001805480611614576116146120f3565b5f828152602080822083017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff90810180547fffffffffffffffffffffffff00000000000000000000000000000000000000001690559092019092556001600160a01b03861682526002815260408083208390556003909152812080549161169a836120a9565b90915550506040516001600160a01b038516907f3525e22824a8a7df2c9a6029941c824cf95b6447f1e13d5128fd3826d35afe8b905f90a250505050565b5f7f81def822ec0badffc53532198c9072906f3c650968eb7421bb11a9f07e401fe06117076020840184612120565b602084013561171c6060860160408701612120565b60408051602081019590955267ffffffffffffffff93841690850152606080850192909252909116608083015283013560a08201527f000000000000000000000000000000000000000000000000000000000000000060c082015260e001604051602081830303815290604052805190602001209050919050565b5f604182146117d2576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f6117e1604060208587612147565b6117ea9161216e565b90505f848460408181106118005761180061207c565b919091013560f81c9150507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0821180159061184b57508060ff16601b148061184b57508060ff16601c145b611881576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040517f190100000000000000000000000000000000000000000000000000000000000060208201527f00000000000000000000000000000000000000000000000000000000000000006022820152604281018790525f90606201604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08184030181529190528051602091820120915060019082908490611927905f8a8c612147565b6119309161216e565b604080515f8152602081018083529490945260ff9092169183019190915260608201526080810185905260a0016020604051602081039080840390855afa15801561197d573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe001519450506001600160a01b0384166119e8576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050509392505050565b5f611a036060830160408401612120565b67ffffffffffffffff16611a1d6060850160408601612120565b67ffffffffffffffff1603611a4757611a35826116d8565b611a3e846116d8565b14159050610def565b611a546020830183612120565b67ffffffffffffffff16611a6b6020850185612120565b67ffffffffffffffff16108015611ab35750611a8d6060840160408501612120565b67ffffffffffffffff16611aa76060840160408501612120565b67ffffffffffffffff16105b8061071a5750611ac66020840184612120565b67ffffffffffffffff16611add6020840184612120565b67ffffffffffffffff1610801561071a5750611aff6060830160408401612120565b67ffffffffffffffff16611b196060850160408601612120565b67ffffffffffffffff16109392505050565b6001600160a01b0382165f90815260026020526040902054816001611b5081846120e0565b81548110611b6057611b6061207c565b5f91825260208083209190910180547fffffffffffffffffffffffff0000000000000000000000000000000000000000166001600160a01b03948516179055858316808352600282526040808420948716845280842086905593839055825260039052908120805491611bd2836120a9565b90915550506001600160a01b0382165f908152600360205260408120805491611bfa836120a9565b90915550506040516001600160a01b038416907f3525e22824a8a7df2c9a6029941c824cf95b6447f1e13d5128fd3826d35afe8b905f90a26040516001600160a01b038316907f47d1c22a25bb3a5d4e481b9b1e6944c2eade3181a0a20b495ed61d35b5323f24905f90a2505050565b80356001600160a01b0381168114611c80575f5ffd5b919050565b5f60208284031215611c95575f5ffd5b61071a82611c6a565b803563ffffffff81168114611c80575f5ffd5b5f5f5f60608486031215611cc3575f5ffd5b611ccc84611c6a565b9250611cda60208501611c9e565b929592945050506040919091013590565b5f5f83601f840112611cfb575f5ffd5b50813567ffffffffffffffff811115611d12575f5ffd5b602083019150836020828501011115611d29575f5ffd5b9250929050565b5f5f5f5f5f5f60808789031215611d45575f5ffd5b611d4e87611c6a565b9550611d5c60208801611c6a565b9450604087013567ffffffffffffffff811115611d77575f5ffd5b611d8389828a01611ceb565b909550935050606087013567ffffffffffffffff811115611da2575f5ffd5b611dae89828a01611ceb565b979a9699509497509295939492505050565b5f60208284031215611dd0575f5ffd5b5035919050565b602080825282518282018190525f918401906040840190835b81811015611e175783516001600160a01b0316835260209384019390920191600101611df0565b509095945050505050565b5f5f5f60408486031215611e34575f5ffd5b611e3d84611c6a565b9250602084013567ffffffffffffffff811115611e58575f5ffd5b611e6486828701611ceb565b9497909650939450505050565b5f5f60408385031215611e82575f5ffd5b82359150602083013560ff81168114611e99575f5ffd5b809150509250929050565b5f5f60408385031215611eb5575f5ffd5b611ebe83611c6a565b915060208301358015158114611e99575f5ffd5b5f60808284031215611ee2575f5ffd5b50919050565b5f5f5f5f5f5f6101408789031215611efe575f5ffd5b611f088888611ed2565b9550608087013567ffffffffffffffff811115611f23575f5ffd5b611f2f89828a01611ceb565b9096509450611f4390508860a08901611ed2565b925061012087013567ffffffffffffffff811115611da2575f5ffd5b5f5f5f5f60608587031215611f72575f5ffd5b611f7b85611c6a565b9350611f8960208601611c6a565b9250604085013567ffffffffffffffff811115611fa4575f5ffd5b611fb087828801611ceb565b95989497509550505050565b5f5f60408385031215611fcd575f5ffd5b611fd683611c6a565b9150611fe460208401611c9e565b90509250929050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b8082028115828204841417610def57610def611fed565b5f82612064577f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b500490565b80820180821115610def57610def611fed565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b5f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff82036120d9576120d9611fed565b5060010190565b81810381811115610def57610def611fed565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603160045260245ffd5b5f60208284031215612130575f5ffd5b813567ffffffffffffffff8116811461071a575f5ffd5b5f5f85851115612155575f5ffd5b83861115612161575f5ffd5b5050820193919092039150565b80356020831015610def577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff602084900360031b1b169291505056",
}

// Registry is an auto generated Go binding around an Ethereum contract.
type Registry struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Registry) GetABI() abi.ABI {
	return c.abi
}

// NewRegistry creates a new instance of Registry.
func NewRegistry() *Registry {
	parsed, err := RegistryMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Registry{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Registry) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address operator, bytes32 organisation, bytes32 genesis, (address,bytes32)[] firstSigners) returns()
func (registry *Registry) PackConstructor(operator common.Address, organisation [32]byte, genesis [32]byte, firstSigners []RegistryFirstSigner) []byte {
	enc, err := registry.abi.Pack("", operator, organisation, genesis, firstSigners)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackMAXAPPROVALS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbeb54795.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_APPROVALS() view returns(uint8)
func (registry *Registry) PackMAXAPPROVALS() []byte {
	enc, err := registry.abi.Pack("MAX_APPROVALS")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXAPPROVALS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbeb54795.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_APPROVALS() view returns(uint8)
func (registry *Registry) TryPackMAXAPPROVALS() ([]byte, error) {
	return registry.abi.Pack("MAX_APPROVALS")
}

// UnpackMAXAPPROVALS is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xbeb54795.
//
// Solidity: function MAX_APPROVALS() view returns(uint8)
func (registry *Registry) UnpackMAXAPPROVALS(data []byte) (uint8, error) {
	out, err := registry.abi.Unpack("MAX_APPROVALS", data)
	if err != nil {
		return *new(uint8), err
	}
	out0 := *abi.ConvertType(out[0], new(uint8)).(*uint8)
	return out0, nil
}

// PackMAXSIGNERS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59ecd657.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_SIGNERS() view returns(uint256)
func (registry *Registry) PackMAXSIGNERS() []byte {
	enc, err := registry.abi.Pack("MAX_SIGNERS")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXSIGNERS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59ecd657.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_SIGNERS() view returns(uint256)
func (registry *Registry) TryPackMAXSIGNERS() ([]byte, error) {
	return registry.abi.Pack("MAX_SIGNERS")
}

// UnpackMAXSIGNERS is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x59ecd657.
//
// Solidity: function MAX_SIGNERS() view returns(uint256)
func (registry *Registry) UnpackMAXSIGNERS(data []byte) (*big.Int, error) {
	out, err := registry.abi.Unpack("MAX_SIGNERS", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackApprovalsOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x304803cd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function approvalsOf(bytes32 organisation) view returns(uint8)
func (registry *Registry) PackApprovalsOf(organisation [32]byte) []byte {
	enc, err := registry.abi.Pack("approvalsOf", organisation)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackApprovalsOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x304803cd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function approvalsOf(bytes32 organisation) view returns(uint8)
func (registry *Registry) TryPackApprovalsOf(organisation [32]byte) ([]byte, error) {
	return registry.abi.Pack("approvalsOf", organisation)
}

// UnpackApprovalsOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x304803cd.
//
// Solidity: function approvalsOf(bytes32 organisation) view returns(uint8)
func (registry *Registry) UnpackApprovalsOf(data []byte) (uint8, error) {
	out, err := registry.abi.Unpack("approvalsOf", data)
	if err != nil {
		return *new(uint8), err
	}
	out0 := *abi.ConvertType(out[0], new(uint8)).(*uint8)
	return out0, nil
}

// PackCurrentOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0786cc7b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function currentOf(address account) view returns(address)
func (registry *Registry) PackCurrentOf(account common.Address) []byte {
	enc, err := registry.abi.Pack("currentOf", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCurrentOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0786cc7b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function currentOf(address account) view returns(address)
func (registry *Registry) TryPackCurrentOf(account common.Address) ([]byte, error) {
	return registry.abi.Pack("currentOf", account)
}

// UnpackCurrentOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x0786cc7b.
//
// Solidity: function currentOf(address account) view returns(address)
func (registry *Registry) UnpackCurrentOf(data []byte) (common.Address, error) {
	out, err := registry.abi.Unpack("currentOf", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackGenesisHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x94391a6d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) PackGenesisHash() []byte {
	enc, err := registry.abi.Pack("genesisHash")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGenesisHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x94391a6d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) TryPackGenesisHash() ([]byte, error) {
	return registry.abi.Pack("genesisHash")
}

// UnpackGenesisHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x94391a6d.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) UnpackGenesisHash(data []byte) ([32]byte, error) {
	out, err := registry.abi.Unpack("genesisHash", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackHolds is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf25a5dd5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) PackHolds(account common.Address, roles uint32) []byte {
	enc, err := registry.abi.Pack("holds", account, roles)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackHolds is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf25a5dd5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) TryPackHolds(account common.Address, roles uint32) ([]byte, error) {
	return registry.abi.Pack("holds", account, roles)
}

// UnpackHolds is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xf25a5dd5.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) UnpackHolds(data []byte) (bool, error) {
	out, err := registry.abi.Unpack("holds", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackIdentityOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc6345626.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function identityOf(address account) view returns(address)
func (registry *Registry) PackIdentityOf(account common.Address) []byte {
	enc, err := registry.abi.Pack("identityOf", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackIdentityOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc6345626.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function identityOf(address account) view returns(address)
func (registry *Registry) TryPackIdentityOf(account common.Address) ([]byte, error) {
	return registry.abi.Pack("identityOf", account)
}

// UnpackIdentityOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc6345626.
//
// Solidity: function identityOf(address account) view returns(address)
func (registry *Registry) UnpackIdentityOf(data []byte) (common.Address, error) {
	out, err := registry.abi.Unpack("identityOf", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackIsSigner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7df73e27.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function isSigner(address account) view returns(bool)
func (registry *Registry) PackIsSigner(account common.Address) []byte {
	enc, err := registry.abi.Pack("isSigner", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackIsSigner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7df73e27.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function isSigner(address account) view returns(bool)
func (registry *Registry) TryPackIsSigner(account common.Address) ([]byte, error) {
	return registry.abi.Pack("isSigner", account)
}

// UnpackIsSigner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7df73e27.
//
// Solidity: function isSigner(address account) view returns(bool)
func (registry *Registry) UnpackIsSigner(data []byte) (bool, error) {
	out, err := registry.abi.Unpack("isSigner", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackOffended is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x78f837ac.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function offended(address account) view returns(bool)
func (registry *Registry) PackOffended(account common.Address) []byte {
	enc, err := registry.abi.Pack("offended", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOffended is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x78f837ac.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function offended(address account) view returns(bool)
func (registry *Registry) TryPackOffended(account common.Address) ([]byte, error) {
	return registry.abi.Pack("offended", account)
}

// UnpackOffended is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x78f837ac.
//
// Solidity: function offended(address account) view returns(bool)
func (registry *Registry) UnpackOffended(data []byte) (bool, error) {
	out, err := registry.abi.Unpack("offended", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2605b3c7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) PackParticipant(account common.Address) []byte {
	enc, err := registry.abi.Pack("participant", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2605b3c7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) TryPackParticipant(account common.Address) ([]byte, error) {
	return registry.abi.Pack("participant", account)
}

// UnpackParticipant is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x2605b3c7.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) UnpackParticipant(data []byte) (RegistryParticipant, error) {
	out, err := registry.abi.Unpack("participant", data)
	if err != nil {
		return *new(RegistryParticipant), err
	}
	out0 := *abi.ConvertType(out[0], new(RegistryParticipant)).(*RegistryParticipant)
	return out0, nil
}

// PackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0dfffc25.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function register(address account, uint32 roles, bytes32 organisation) returns()
func (registry *Registry) PackRegister(account common.Address, roles uint32, organisation [32]byte) []byte {
	enc, err := registry.abi.Pack("register", account, roles, organisation)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0dfffc25.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function register(address account, uint32 roles, bytes32 organisation) returns()
func (registry *Registry) TryPackRegister(account common.Address, roles uint32, organisation [32]byte) ([]byte, error) {
	return registry.abi.Pack("register", account, roles, organisation)
}

// PackRemove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x29092d0e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function remove(address account) returns()
func (registry *Registry) PackRemove(account common.Address) []byte {
	enc, err := registry.abi.Pack("remove", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRemove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x29092d0e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function remove(address account) returns()
func (registry *Registry) TryPackRemove(account common.Address) ([]byte, error) {
	return registry.abi.Pack("remove", account)
}

// PackRemoveOffender is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xab4f4355.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function removeOffender((uint64,bytes32,uint64,bytes32) first, bytes firstSignature, (uint64,bytes32,uint64,bytes32) second, bytes secondSignature) returns()
func (registry *Registry) PackRemoveOffender(first SignersCheckpointVote, firstSignature []byte, second SignersCheckpointVote, secondSignature []byte) []byte {
	enc, err := registry.abi.Pack("removeOffender", first, firstSignature, second, secondSignature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRemoveOffender is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xab4f4355.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function removeOffender((uint64,bytes32,uint64,bytes32) first, bytes firstSignature, (uint64,bytes32,uint64,bytes32) second, bytes secondSignature) returns()
func (registry *Registry) TryPackRemoveOffender(first SignersCheckpointVote, firstSignature []byte, second SignersCheckpointVote, secondSignature []byte) ([]byte, error) {
	return registry.abi.Pack("removeOffender", first, firstSignature, second, secondSignature)
}

// PackReplace is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xea330ffd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function replace(address account, address next, bytes acceptance) returns()
func (registry *Registry) PackReplace(account common.Address, next common.Address, acceptance []byte) []byte {
	enc, err := registry.abi.Pack("replace", account, next, acceptance)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackReplace is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xea330ffd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function replace(address account, address next, bytes acceptance) returns()
func (registry *Registry) TryPackReplace(account common.Address, next common.Address, acceptance []byte) ([]byte, error) {
	return registry.abi.Pack("replace", account, next, acceptance)
}

// PackRotate is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4ac9c34f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function rotate(address next, bytes acceptance) returns()
func (registry *Registry) PackRotate(next common.Address, acceptance []byte) []byte {
	enc, err := registry.abi.Pack("rotate", next, acceptance)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRotate is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4ac9c34f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function rotate(address next, bytes acceptance) returns()
func (registry *Registry) TryPackRotate(next common.Address, acceptance []byte) ([]byte, error) {
	return registry.abi.Pack("rotate", next, acceptance)
}

// PackRotateSigned is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x276b8e92.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function rotateSigned(address account, address next, bytes signature, bytes acceptance) returns()
func (registry *Registry) PackRotateSigned(account common.Address, next common.Address, signature []byte, acceptance []byte) []byte {
	enc, err := registry.abi.Pack("rotateSigned", account, next, signature, acceptance)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRotateSigned is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x276b8e92.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function rotateSigned(address account, address next, bytes signature, bytes acceptance) returns()
func (registry *Registry) TryPackRotateSigned(account common.Address, next common.Address, signature []byte, acceptance []byte) ([]byte, error) {
	return registry.abi.Pack("rotateSigned", account, next, signature, acceptance)
}

// PackSetApprovals is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84304de0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function setApprovals(bytes32 organisation, uint8 approvals) returns()
func (registry *Registry) PackSetApprovals(organisation [32]byte, approvals uint8) []byte {
	enc, err := registry.abi.Pack("setApprovals", organisation, approvals)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSetApprovals is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84304de0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function setApprovals(bytes32 organisation, uint8 approvals) returns()
func (registry *Registry) TryPackSetApprovals(organisation [32]byte, approvals uint8) ([]byte, error) {
	return registry.abi.Pack("setApprovals", organisation, approvals)
}

// PackSigners is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x46f0975a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function signers() view returns(address[])
func (registry *Registry) PackSigners() []byte {
	enc, err := registry.abi.Pack("signers")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSigners is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x46f0975a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function signers() view returns(address[])
func (registry *Registry) TryPackSigners() ([]byte, error) {
	return registry.abi.Pack("signers")
}

// UnpackSigners is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x46f0975a.
//
// Solidity: function signers() view returns(address[])
func (registry *Registry) UnpackSigners(data []byte) ([]common.Address, error) {
	out, err := registry.abi.Unpack("signers", data)
	if err != nil {
		return *new([]common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new([]common.Address)).(*[]common.Address)
	return out0, nil
}

// PackThreshold is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42cde4e8.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function threshold() view returns(uint256)
func (registry *Registry) PackThreshold() []byte {
	enc, err := registry.abi.Pack("threshold")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackThreshold is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42cde4e8.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function threshold() view returns(uint256)
func (registry *Registry) TryPackThreshold() ([]byte, error) {
	return registry.abi.Pack("threshold")
}

// UnpackThreshold is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x42cde4e8.
//
// Solidity: function threshold() view returns(uint256)
func (registry *Registry) UnpackThreshold(data []byte) (*big.Int, error) {
	out, err := registry.abi.Unpack("threshold", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackVoteSigner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x90cc03f9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function voteSigner(address account, bool member) returns()
func (registry *Registry) PackVoteSigner(account common.Address, member bool) []byte {
	enc, err := registry.abi.Pack("voteSigner", account, member)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackVoteSigner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x90cc03f9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function voteSigner(address account, bool member) returns()
func (registry *Registry) TryPackVoteSigner(account common.Address, member bool) ([]byte, error) {
	return registry.abi.Pack("voteSigner", account, member)
}

// RegistryApprovalsSet represents a ApprovalsSet event raised by the Registry contract.
type RegistryApprovalsSet struct {
	Organisation [32]byte
	Approvals    uint8
	By           common.Address
	Raw          *types.Log // Blockchain specific contextual infos
}

const RegistryApprovalsSetEventName = "ApprovalsSet"

// ContractEventName returns the user-defined event name.
func (RegistryApprovalsSet) ContractEventName() string {
	return RegistryApprovalsSetEventName
}

// UnpackApprovalsSetEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ApprovalsSet(bytes32 indexed organisation, uint8 approvals, address indexed by)
func (registry *Registry) UnpackApprovalsSetEvent(log *types.Log) (*RegistryApprovalsSet, error) {
	event := "ApprovalsSet"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryApprovalsSet)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistryOffenderRemoved represents a OffenderRemoved event raised by the Registry contract.
type RegistryOffenderRemoved struct {
	Account common.Address
	Voter   common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistryOffenderRemovedEventName = "OffenderRemoved"

// ContractEventName returns the user-defined event name.
func (RegistryOffenderRemoved) ContractEventName() string {
	return RegistryOffenderRemovedEventName
}

// UnpackOffenderRemovedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event OffenderRemoved(address indexed account, address indexed voter)
func (registry *Registry) UnpackOffenderRemovedEvent(log *types.Log) (*RegistryOffenderRemoved, error) {
	event := "OffenderRemoved"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryOffenderRemoved)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistryRegistered represents a Registered event raised by the Registry contract.
type RegistryRegistered struct {
	Account      common.Address
	Roles        uint32
	Organisation [32]byte
	By           common.Address
	Raw          *types.Log // Blockchain specific contextual infos
}

const RegistryRegisteredEventName = "Registered"

// ContractEventName returns the user-defined event name.
func (RegistryRegistered) ContractEventName() string {
	return RegistryRegisteredEventName
}

// UnpackRegisteredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Registered(address indexed account, uint32 roles, bytes32 indexed organisation, address indexed by)
func (registry *Registry) UnpackRegisteredEvent(log *types.Log) (*RegistryRegistered, error) {
	event := "Registered"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryRegistered)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistryRemoved represents a Removed event raised by the Registry contract.
type RegistryRemoved struct {
	Account common.Address
	By      common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistryRemovedEventName = "Removed"

// ContractEventName returns the user-defined event name.
func (RegistryRemoved) ContractEventName() string {
	return RegistryRemovedEventName
}

// UnpackRemovedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Removed(address indexed account, address indexed by)
func (registry *Registry) UnpackRemovedEvent(log *types.Log) (*RegistryRemoved, error) {
	event := "Removed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryRemoved)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistryRotated represents a Rotated event raised by the Registry contract.
type RegistryRotated struct {
	Account common.Address
	Next    common.Address
	By      common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistryRotatedEventName = "Rotated"

// ContractEventName returns the user-defined event name.
func (RegistryRotated) ContractEventName() string {
	return RegistryRotatedEventName
}

// UnpackRotatedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Rotated(address indexed account, address indexed next, address indexed by)
func (registry *Registry) UnpackRotatedEvent(log *types.Log) (*RegistryRotated, error) {
	event := "Rotated"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryRotated)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistrySignerAdded represents a SignerAdded event raised by the Registry contract.
type RegistrySignerAdded struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistrySignerAddedEventName = "SignerAdded"

// ContractEventName returns the user-defined event name.
func (RegistrySignerAdded) ContractEventName() string {
	return RegistrySignerAddedEventName
}

// UnpackSignerAddedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SignerAdded(address indexed account)
func (registry *Registry) UnpackSignerAddedEvent(log *types.Log) (*RegistrySignerAdded, error) {
	event := "SignerAdded"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistrySignerAdded)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistrySignerRemoved represents a SignerRemoved event raised by the Registry contract.
type RegistrySignerRemoved struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistrySignerRemovedEventName = "SignerRemoved"

// ContractEventName returns the user-defined event name.
func (RegistrySignerRemoved) ContractEventName() string {
	return RegistrySignerRemovedEventName
}

// UnpackSignerRemovedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SignerRemoved(address indexed account)
func (registry *Registry) UnpackSignerRemovedEvent(log *types.Log) (*RegistrySignerRemoved, error) {
	event := "SignerRemoved"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistrySignerRemoved)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// RegistrySignerVoted represents a SignerVoted event raised by the Registry contract.
type RegistrySignerVoted struct {
	Account common.Address
	Member  bool
	By      common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistrySignerVotedEventName = "SignerVoted"

// ContractEventName returns the user-defined event name.
func (RegistrySignerVoted) ContractEventName() string {
	return RegistrySignerVotedEventName
}

// UnpackSignerVotedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SignerVoted(address indexed account, bool member, address indexed by)
func (registry *Registry) UnpackSignerVotedEvent(log *types.Log) (*RegistrySignerVoted, error) {
	event := "SignerVoted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistrySignerVoted)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (registry *Registry) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], registry.abi.Errors["BadApprovals"].ID.Bytes()[:4]) {
		return registry.UnpackBadApprovalsError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["BadRoles"].ID.Bytes()[:4]) {
		return registry.UnpackBadRolesError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["DifferentVoters"].ID.Bytes()[:4]) {
		return registry.UnpackDifferentVotersError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["ForgedRotation"].ID.Bytes()[:4]) {
		return registry.UnpackForgedRotationError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["IsSigner"].ID.Bytes()[:4]) {
		return registry.UnpackIsSignerError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["LastSigner"].ID.Bytes()[:4]) {
		return registry.UnpackLastSignerError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["MalformedSignature"].ID.Bytes()[:4]) {
		return registry.UnpackMalformedSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NoConflict"].ID.Bytes()[:4]) {
		return registry.UnpackNoConflictError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotNew"].ID.Bytes()[:4]) {
		return registry.UnpackNotNewError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotOperator"].ID.Bytes()[:4]) {
		return registry.UnpackNotOperatorError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotProvider"].ID.Bytes()[:4]) {
		return registry.UnpackNotProviderError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotRegistered"].ID.Bytes()[:4]) {
		return registry.UnpackNotRegisteredError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotSigner"].ID.Bytes()[:4]) {
		return registry.UnpackNotSignerError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["Offender"].ID.Bytes()[:4]) {
		return registry.UnpackOffenderError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["OwnOperatorRole"].ID.Bytes()[:4]) {
		return registry.UnpackOwnOperatorRoleError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["Retired"].ID.Bytes()[:4]) {
		return registry.UnpackRetiredError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["TooManySigners"].ID.Bytes()[:4]) {
		return registry.UnpackTooManySignersError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["ZeroValue"].ID.Bytes()[:4]) {
		return registry.UnpackZeroValueError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// RegistryBadApprovals represents a BadApprovals error raised by the Registry contract.
type RegistryBadApprovals struct {
	Approvals uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadApprovals(uint8 approvals)
func RegistryBadApprovalsErrorID() common.Hash {
	return common.HexToHash("0x9575355dfae78687b75de2528ec2565e3b4e4123125b4a47352fc582eaf6d777")
}

// UnpackBadApprovalsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadApprovals(uint8 approvals)
func (registry *Registry) UnpackBadApprovalsError(raw []byte) (*RegistryBadApprovals, error) {
	out := new(RegistryBadApprovals)
	if err := registry.abi.UnpackIntoInterface(out, "BadApprovals", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryBadRoles represents a BadRoles error raised by the Registry contract.
type RegistryBadRoles struct {
	Roles uint32
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadRoles(uint32 roles)
func RegistryBadRolesErrorID() common.Hash {
	return common.HexToHash("0xfc9633a275098d0a01bcefa2f7a2fa6d8bd172905aa02f76d50a5adf32d80ca7")
}

// UnpackBadRolesError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadRoles(uint32 roles)
func (registry *Registry) UnpackBadRolesError(raw []byte) (*RegistryBadRoles, error) {
	out := new(RegistryBadRoles)
	if err := registry.abi.UnpackIntoInterface(out, "BadRoles", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryDifferentVoters represents a DifferentVoters error raised by the Registry contract.
type RegistryDifferentVoters struct {
	First  common.Address
	Second common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error DifferentVoters(address first, address second)
func RegistryDifferentVotersErrorID() common.Hash {
	return common.HexToHash("0xfc18ce38ed874b109babfda3849526889edea5a92b624d4fad8476442b00c20f")
}

// UnpackDifferentVotersError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error DifferentVoters(address first, address second)
func (registry *Registry) UnpackDifferentVotersError(raw []byte) (*RegistryDifferentVoters, error) {
	out := new(RegistryDifferentVoters)
	if err := registry.abi.UnpackIntoInterface(out, "DifferentVoters", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryForgedRotation represents a ForgedRotation error raised by the Registry contract.
type RegistryForgedRotation struct {
	Account common.Address
	Signer  common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ForgedRotation(address account, address signer)
func RegistryForgedRotationErrorID() common.Hash {
	return common.HexToHash("0x05dee644daa65c2e5fc046e469b8187ba2137962f414aad1d0852a8671b5c401")
}

// UnpackForgedRotationError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ForgedRotation(address account, address signer)
func (registry *Registry) UnpackForgedRotationError(raw []byte) (*RegistryForgedRotation, error) {
	out := new(RegistryForgedRotation)
	if err := registry.abi.UnpackIntoInterface(out, "ForgedRotation", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryIsSigner represents a IsSigner error raised by the Registry contract.
type RegistryIsSigner struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error IsSigner(address account)
func RegistryIsSignerErrorID() common.Hash {
	return common.HexToHash("0xfcb0ffc0d04ddd0b4e44cbee7cec01cef240620c9d246c703dd2492547ac6f38")
}

// UnpackIsSignerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error IsSigner(address account)
func (registry *Registry) UnpackIsSignerError(raw []byte) (*RegistryIsSigner, error) {
	out := new(RegistryIsSigner)
	if err := registry.abi.UnpackIntoInterface(out, "IsSigner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryLastSigner represents a LastSigner error raised by the Registry contract.
type RegistryLastSigner struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error LastSigner(address account)
func RegistryLastSignerErrorID() common.Hash {
	return common.HexToHash("0x63e929b2963d62e470a69a0f9c3bf5099e8a5d39f03d40a0d84b5c461b8d14e8")
}

// UnpackLastSignerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error LastSigner(address account)
func (registry *Registry) UnpackLastSignerError(raw []byte) (*RegistryLastSigner, error) {
	out := new(RegistryLastSigner)
	if err := registry.abi.UnpackIntoInterface(out, "LastSigner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryMalformedSignature represents a MalformedSignature error raised by the Registry contract.
type RegistryMalformedSignature struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error MalformedSignature()
func RegistryMalformedSignatureErrorID() common.Hash {
	return common.HexToHash("0x55a1e16eadce29d71cb136c0493e3881b154dc5303ad068a5a1e01023482b7e2")
}

// UnpackMalformedSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error MalformedSignature()
func (registry *Registry) UnpackMalformedSignatureError(raw []byte) (*RegistryMalformedSignature, error) {
	out := new(RegistryMalformedSignature)
	if err := registry.abi.UnpackIntoInterface(out, "MalformedSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNoConflict represents a NoConflict error raised by the Registry contract.
type RegistryNoConflict struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoConflict()
func RegistryNoConflictErrorID() common.Hash {
	return common.HexToHash("0x7412124e23106f671f0c15e99815ae376e602111b93496444e63ed6071334091")
}

// UnpackNoConflictError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoConflict()
func (registry *Registry) UnpackNoConflictError(raw []byte) (*RegistryNoConflict, error) {
	out := new(RegistryNoConflict)
	if err := registry.abi.UnpackIntoInterface(out, "NoConflict", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotNew represents a NotNew error raised by the Registry contract.
type RegistryNotNew struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotNew(address account)
func RegistryNotNewErrorID() common.Hash {
	return common.HexToHash("0xa54e81b8b8f1f1a0ccf6bdd8858f13046900efa1ab105a7c074a9d6efa0b219e")
}

// UnpackNotNewError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotNew(address account)
func (registry *Registry) UnpackNotNewError(raw []byte) (*RegistryNotNew, error) {
	out := new(RegistryNotNew)
	if err := registry.abi.UnpackIntoInterface(out, "NotNew", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotOperator represents a NotOperator error raised by the Registry contract.
type RegistryNotOperator struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotOperator(address caller)
func RegistryNotOperatorErrorID() common.Hash {
	return common.HexToHash("0x76c6c93a6423c7e2cef5f93921b1d4d1a5ffb795cd7cfed2df95566b7c7f7c40")
}

// UnpackNotOperatorError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotOperator(address caller)
func (registry *Registry) UnpackNotOperatorError(raw []byte) (*RegistryNotOperator, error) {
	out := new(RegistryNotOperator)
	if err := registry.abi.UnpackIntoInterface(out, "NotOperator", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotProvider represents a NotProvider error raised by the Registry contract.
type RegistryNotProvider struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotProvider(address account)
func RegistryNotProviderErrorID() common.Hash {
	return common.HexToHash("0x1bd2224f47bf32854983ee16847394426ab18eae693119e80eb952977965d64a")
}

// UnpackNotProviderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotProvider(address account)
func (registry *Registry) UnpackNotProviderError(raw []byte) (*RegistryNotProvider, error) {
	out := new(RegistryNotProvider)
	if err := registry.abi.UnpackIntoInterface(out, "NotProvider", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotRegistered represents a NotRegistered error raised by the Registry contract.
type RegistryNotRegistered struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotRegistered(address account)
func RegistryNotRegisteredErrorID() common.Hash {
	return common.HexToHash("0xbfc6c337a80b7b8201f77f0a2a54c6e5f7c6fd9124a749804a482fa16ee8a895")
}

// UnpackNotRegisteredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotRegistered(address account)
func (registry *Registry) UnpackNotRegisteredError(raw []byte) (*RegistryNotRegistered, error) {
	out := new(RegistryNotRegistered)
	if err := registry.abi.UnpackIntoInterface(out, "NotRegistered", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotSigner represents a NotSigner error raised by the Registry contract.
type RegistryNotSigner struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotSigner(address account)
func RegistryNotSignerErrorID() common.Hash {
	return common.HexToHash("0x2a6edb2b1c2b1fae0871e1f67fc6d38b8a20ecc8b6d3a14dbc9a1281ef472b70")
}

// UnpackNotSignerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotSigner(address account)
func (registry *Registry) UnpackNotSignerError(raw []byte) (*RegistryNotSigner, error) {
	out := new(RegistryNotSigner)
	if err := registry.abi.UnpackIntoInterface(out, "NotSigner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryOffender represents a Offender error raised by the Registry contract.
type RegistryOffender struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Offender(address account)
func RegistryOffenderErrorID() common.Hash {
	return common.HexToHash("0x76e07399d1cbc834ad05c01ccfcfe2839f7cee007c2b9d80ba9908118827bc97")
}

// UnpackOffenderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Offender(address account)
func (registry *Registry) UnpackOffenderError(raw []byte) (*RegistryOffender, error) {
	out := new(RegistryOffender)
	if err := registry.abi.UnpackIntoInterface(out, "Offender", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryOwnOperatorRole represents a OwnOperatorRole error raised by the Registry contract.
type RegistryOwnOperatorRole struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnOperatorRole()
func RegistryOwnOperatorRoleErrorID() common.Hash {
	return common.HexToHash("0x2bd9457844edcc3d94ed9aed122344e928a053334740f0aca5d2c47210ab3914")
}

// UnpackOwnOperatorRoleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnOperatorRole()
func (registry *Registry) UnpackOwnOperatorRoleError(raw []byte) (*RegistryOwnOperatorRole, error) {
	out := new(RegistryOwnOperatorRole)
	if err := registry.abi.UnpackIntoInterface(out, "OwnOperatorRole", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryRetired represents a Retired error raised by the Registry contract.
type RegistryRetired struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Retired(address account)
func RegistryRetiredErrorID() common.Hash {
	return common.HexToHash("0xda9d2e31afb0de4b09fe65662e5e025013186f59dd81d4946248587a2f77c6df")
}

// UnpackRetiredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Retired(address account)
func (registry *Registry) UnpackRetiredError(raw []byte) (*RegistryRetired, error) {
	out := new(RegistryRetired)
	if err := registry.abi.UnpackIntoInterface(out, "Retired", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryTooManySigners represents a TooManySigners error raised by the Registry contract.
type RegistryTooManySigners struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooManySigners()
func RegistryTooManySignersErrorID() common.Hash {
	return common.HexToHash("0x1b925da68d1f84b69004b27b75cfb94e0f24e82a237b41de562b63d201f95819")
}

// UnpackTooManySignersError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooManySigners()
func (registry *Registry) UnpackTooManySignersError(raw []byte) (*RegistryTooManySigners, error) {
	out := new(RegistryTooManySigners)
	if err := registry.abi.UnpackIntoInterface(out, "TooManySigners", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryZeroValue represents a ZeroValue error raised by the Registry contract.
type RegistryZeroValue struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroValue()
func RegistryZeroValueErrorID() common.Hash {
	return common.HexToHash("0x7c946ed78134c23eac50c0c02964d68f22dd28448c070d39c9f8e8389b217469")
}

// UnpackZeroValueError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroValue()
func (registry *Registry) UnpackZeroValueError(raw []byte) (*RegistryZeroValue, error) {
	out := new(RegistryZeroValue)
	if err := registry.abi.UnpackIntoInterface(out, "ZeroValue", raw); err != nil {
		return nil, err
	}
	return out, nil
}
